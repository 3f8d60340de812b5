// Out of the tool's frame: the course comes back in the whole window.
window.top.location.replace(document.getElementById("outward").href);
