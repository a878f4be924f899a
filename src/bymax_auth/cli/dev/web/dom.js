// What the page's parts do with elements: notes, logs, and actions of buttons.

import { explained } from "./api.js";

export const $ = (id) => document.getElementById(id);

export function element(tag, text, className) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

export function button(text, name, className) {
  const made = element("button", text, className);
  made.type = "button";
  made.setAttribute("aria-label", name);
  return made;
}

// A note stands in the part of the page that it is about, and moves no focus.
export function say(note, text, kind = "ok") {
  note.textContent = text;
  note.className = "note " + kind;
}

export const noteOf = (part) => part.querySelector(".note");

export function logIn(part) {
  const log = part.querySelector(".log");
  log.replaceChildren();
  return (text, kind = "") => log.append(element("li", text, kind));
}

// Actions run in sequence, so that an earlier result never replaces a later one. The button is not
// disabled meanwhile: a disabled one loses the focus.
let queue = Promise.resolve();
let ready = Promise.resolve();

// Actions wait until a change of the page is complete, which would remove what they say.
export function actAfter(change) {
  ready = change;
}

export function act(pressed, note, work) {
  if (pressed.getAttribute("aria-disabled") === "true") return queue;
  pressed.setAttribute("aria-disabled", "true");
  queue = queue.then(() => perform(note, work)).finally(() => pressed.removeAttribute("aria-disabled"));
  return queue;
}

async function perform(note, work) {
  await ready;
  say(note, "");
  const { activeElement } = document;
  try {
    const done = await work();
    if (done) say(note, done);
  } catch (error) {
    say(note, explained(error), "bad");
  }
  // Work that has moved the focus has scrolled to what it is about.
  if (note.textContent && document.activeElement === activeElement) note.scrollIntoView({ block: "nearest" });
}

// A heading out of view goes to the top of the window: at the nearer edge, which may be the lower one,
// what stands below it would stay out of view.
export function focusOn(target) {
  const { top, bottom } = target.getBoundingClientRect();
  const unseen = top < 0 || bottom > innerHeight;
  target.scrollIntoView({ block: unseen && target.matches("h2, h3") ? "start" : "nearest" });
  target.focus({ preventScroll: true });
}

// Replace the children of a list, but keep the elements whose key is still there, and so the focus.
export function renderList(list, entries, key, render, empty) {
  const kept = new Map([...list.children].map((child) => [child.dataset.key, child]));
  const children = entries.map((entry) => {
    const name = key(entry);
    const child = kept.get(name) || render(entry);
    child.dataset.key = name;
    return child;
  });
  const shown = children.length ? children : [element(list.matches("ul, ol") ? "li" : "p", empty, "empty")];
  const same = shown.length === list.children.length && shown.every((child, at) => child === list.children[at]);
  if (!same) list.replaceChildren(...shown);
}
