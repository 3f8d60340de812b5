// Shows a page that was fetched with a bearer token in place of the present one.

import { find, forget } from "./tokens.js";

export async function openWithToken(url, launch) {
  const token = await find(launch);
  const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
  if (response.status === 401) await forget(launch);
  await showPage(await response.text(), response.url);
}

export async function showPage(html, url) {
  await untilLoaded();
  const next = new DOMParser().parseFromString(html, "text/html");
  for (const element of next.querySelectorAll("noscript")) element.remove();
  history.replaceState(null, "", url);
  let isLeft = false;
  const leave = () => (isLeft = true);
  addEventListener("popstate", leave);
  const root = document.documentElement;
  for (const name of ["lang", "dir", "class"]) root.setAttribute(name, next.documentElement.getAttribute(name) ?? "");
  const old = [...document.head.children];
  const scripts = [...next.querySelectorAll("script[src]")].map(fresh);
  document.head.append(...next.head.children);
  await Promise.all([...document.head.querySelectorAll("link[rel=stylesheet]")].map(untilStyled));
  for (const element of old) element.remove();
  next.body.inert = true; // until its scripts run, a link or form would leave without the token
  document.body.replaceWith(next.body);
  scrollTo(0, 0);
  const run = scripts.map(([, script]) => untilSettled(script));
  for (const [parsed, script] of scripts) parsed.replaceWith(script);
  await Promise.all(run);
  removeEventListener("popstate", leave);
  // Whoever went back before the scripts were there has still to be heard by them.
  if (isLeft) dispatchEvent(new PopStateEvent("popstate", { state: history.state }));
  document.body.inert = false;
  document.querySelector("h1[tabindex]")?.focus();
}

// A script of a parsed page never runs; its copy does, in order.
function fresh(parsed) {
  const script = document.createElement("script");
  for (const { name, value } of parsed.attributes) script.setAttribute(name, value);
  script.async = false;
  return [parsed, script];
}

// Scripts that are added later start by themselves only once the document is complete.
function untilLoaded() {
  if (document.readyState === "complete") return null;
  return new Promise((resolve) => addEventListener("load", resolve, { once: true }));
}

function untilStyled(link) {
  return link.sheet || Promise.race([untilSettled(link), new Promise((resolve) => setTimeout(resolve, 3000))]);
}

function untilSettled(element) {
  return new Promise((resolve) => {
    for (const event of ["load", "error"]) element.addEventListener(event, resolve, { once: true });
  });
}
