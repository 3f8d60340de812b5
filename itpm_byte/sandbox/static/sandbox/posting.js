// Sends the form on; without scripts the page shows a button instead.
document.getElementById("posting").submit();
