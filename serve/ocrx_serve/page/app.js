// The page: files come in, one or two readers read them, and a page at a time is shown.

import { models, onKeyNeeded, read, runtimes } from "./api.js";
import { Choices } from "./choices.js";
import { clear, show as showPicture } from "./picture.js";
import { Result } from "./result.js";

const $ = (id) => document.getElementById(id);

const readers = [false, true].map((second) => ({
  choices: new Choices(second ? "Second reader" : "Options", second, () => start()),
  result: new Result(second),
}));
let two = false;
let files = [];
let place = 0; // of the page that is shown, among all pages of all files
let work = new AbortController();

const active = () => readers.slice(0, two ? 2 : 1);

function lay() {
  $("choices").replaceChildren(...active().map((reader) => reader.choices.element));
  $("results").replaceChildren(...active().map((reader) => reader.result.element));
  document.querySelector("main").classList.toggle("two", two);
  $("compare").setAttribute("aria-pressed", two);
}

function say(text) {
  $("status").textContent = text;
}

// Read the files anew.
async function start() {
  work.abort();
  work = new AbortController();
  if (!files.length) return;
  place = 0;
  $("empty").hidden = true;
  $("results").hidden = false;
  $("stage").classList.add("full");
  say("Reading …");
  const { signal } = work;
  const readings = active().map((reader) => readWith(reader, signal));
  await Promise.all([picture(signal), ...readings]);
  if (!signal.aborted) say(summary());
}

async function readWith({ choices, result }, signal) {
  result.begin(files, choices.options, choices.name);
  try {
    await read(files, choices.options, (line) => !signal.aborted && came(result, line), signal);
  } catch (error) {
    if (!signal.aborted) result.fail(error);
  }
  if (!signal.aborted) result.end();
}

function came(result, line) {
  result.add(line);
  if (!line.error) draw();
}

// The page that is shown, as the first reader that has it knows it.
const current = () => active().map(({ result }) => result.pages[place]).find(Boolean);

function draw() {
  clear();
  const [one, other] = active().map(({ result }) => result);
  one.show(place, other?.pages[place]);
  other?.show(place, one.pages[place]);
  const count = Math.max(...active().map(({ result }) => result.pages.length));
  $("pages").hidden = count < 2;
  $("place").textContent = `${place + 1} of ${count}`;
  $("previous").disabled = place === 0;
  $("next").disabled = place >= count - 1;
}

// Shows the picture of the page: the first one at once, others when it is known whose they are.
async function picture(signal) {
  const page = current();
  const file = (page && files.find((one) => one.name === page.source)) ?? files[0];
  try {
    await showPicture(file, page?.index ?? 0, signal);
  } catch (error) {
    if (!signal.aborted) say(error.message);
  }
}

function turn(by) {
  place += by;
  draw();
  picture(work.signal);
}

function summary() {
  const failed = active().reduce((sum, { result }) => sum + result.failed.length, 0);
  const pages = readers[0].result.pages.length;
  const told = pages === 1 ? "One page was read." : `${pages} pages were read.`;
  return failed ? `${told} ${failed} could not be read.` : told;
}

function take(found) {
  const taken = [...found].filter((one) => one instanceof File);
  if (!taken.length) return;
  files = taken;
  start();
}

for (const id of ["open", "camera"]) {
  $(id).addEventListener("change", ({ target }) => {
    take(target.files);
    target.value = "";
  });
}
addEventListener("paste", ({ clipboardData }) => take(clipboardData.files));
addEventListener("dragover", (event) => {
  event.preventDefault();
  $("stage").classList.add("over");
});
addEventListener("dragleave", ({ relatedTarget }) => {
  if (!relatedTarget) $("stage").classList.remove("over");
});
addEventListener("drop", (event) => {
  event.preventDefault();
  $("stage").classList.remove("over");
  take(event.dataTransfer.files);
});
$("compare").addEventListener("click", () => {
  two = !two;
  lay();
  if (two) readers[1].choices.element.open = true;
  start();
});
$("previous").addEventListener("click", () => turn(-1));
$("next").addEventListener("click", () => turn(1));

let asking = null;
onKeyNeeded(() => {
  asking ??= new Promise((resolve) => {
    $("ask").showModal();
    $("ask").addEventListener("close", () => resolve($("key").value), { once: true });
  }).finally(() => (asking = null));
  return asking;
});

lay();
try {
  const found = await models();
  for (const { choices, result } of readers) {
    choices.offer(found);
    result.offer(found.writer);
  }
  const there = await runtimes();
  for (const { choices } of readers) choices.offerRuntimes(there);
} catch (error) {
  say(error.message);
}
