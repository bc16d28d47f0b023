// What one reader read: a text beside the picture, line by line.

import { write } from "./api.js";
import { draw } from "./picture.js";

export class Result {
  constructor(second) {
    this.element = document.getElementById("result").content.cloneNode(true).firstElementChild;
    this.element.classList.toggle("second", second);
    this.second = second;
    this.find = (selector) => this.element.querySelector(selector);
    this.lines = this.find(".lines");
    this.lines.addEventListener("keydown", (event) => this.step(event));
    this.find(".copy").addEventListener("click", () => this.copy());
    this.find(".download").addEventListener("change", (event) => this.download(event.target));
    this.begin([], [], "");
  }

  offer(writers) {
    this.find(".download").append(...writers.map(({ name }) => new Option(name, name)));
  }

  // Forget what was read, and wait for what is read now.
  begin(files, options, title) {
    Object.assign(this, { files, options, pages: [], failed: [] });
    this.find(".title").textContent = title || "Text";
    this.fail(null);
    this.show(0);
    this.facts(files.length ? "Reading …" : "");
    this.ready(false);
  }

  add(line) {
    (line.error ? this.failed : this.pages).push(line);
    if (line.error) this.fail(line.error);
  }

  end() {
    this.ready(this.pages.length > 0);
  }

  ready(ready) {
    this.find(".copy").disabled = this.find(".download").disabled = !ready;
  }

  // `error` has a message and a remedy, or null takes away the last one.
  fail(error) {
    const told = this.find(".error");
    told.hidden = !error;
    told.textContent = error ? [error.message, error.remedy].filter(Boolean).join(". ") : "";
    if (error && !this.pages.length) this.facts("");
  }

  facts(text) {
    this.find(".facts").textContent = text;
  }

  get text() {
    return this.pages.map((page) => page.text).join("\n\n");
  }

  // Shows the page of that number. Lines that `others` lacks are marked.
  show(number, others = null) {
    const page = this.pages[number];
    const there = others && new Set(others.lines.map((line) => line.text));
    this.light = () => {};
    this.lines.replaceChildren(...(page?.lines ?? []).map((line, place) => this.line(line, place, page, there)));
    const items = (page?.items ?? []).map((item, at) => this.item(item, page.lines.length + at));
    this.find(".items").replaceChildren(...items);
    const notes = this.find(".notes");
    notes.hidden = !page?.notes.length;
    notes.querySelector("ul").replaceChildren(...(page?.notes ?? []).map((note) => element("li", note)));
    if (!page) return;
    this.places = [...this.lines.children, ...items];
    const lightBox = draw(page, this.second, (place, go) => this.light(place, go));
    this.light = (place, go = false) => {
      lightBox(place);
      this.places.forEach((one, at) => one.classList.toggle("lit", at === place));
      if (go) this.places[place]?.focus();
    };
    this.facts(facts(page));
  }

  line(line, place, page, there) {
    const made = element("li", line.text || line.refused);
    const starts = page.blocks.slice(1).map((block) => block.paragraphs[0].lines[0]);
    made.classList.toggle("block", starts.includes(place));
    made.classList.toggle("differs", Boolean(there) && !there.has(line.text));
    made.classList.toggle("left-out", Boolean(line.refused) || line.match?.pattern === "");
    made.dir = "auto";
    made.tabIndex = place ? -1 : 0;
    return this.lively(made, place, verdict(line));
  }

  item(item, place) {
    const made = element("li", `${item.type}: ${item.value}`);
    made.tabIndex = 0;
    return this.lively(made, place, percent(item.score));
  }

  lively(made, place, said) {
    made.append(element("span", said, "score"));
    made.addEventListener("pointerenter", () => this.light(place));
    made.addEventListener("pointerleave", () => this.light(-1));
    made.addEventListener("focus", () => this.light(place));
    made.addEventListener("blur", () => this.light(-1));
    return made;
  }

  // Up and down go from line to line: the list is one stop of the Tab key.
  step(event) {
    const way = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    const to = way && event.target[way];
    if (!to) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
  }

  async copy() {
    const button = this.find(".copy");
    button.textContent = (await copied(this.text)) ? "Copied" : "Not copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  }

  async download(select) {
    const form = select.value;
    select.value = "";
    if (!form) return;
    const before = this.find(".facts").textContent;
    this.facts(`Writing ${form} …`);
    try {
      const { blob, failed } = await write(this.files, this.options, form);
      const name = this.files[0].name?.replace(/\.[^.]*$/, "") || "picture";
      const link = Object.assign(document.createElement("a"), {
        href: URL.createObjectURL(blob),
        download: `${name}.${SUFFIXES[form] ?? form}`,
      });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      this.facts(failed ? `${failed} pages are missing in it` : before);
    } catch (error) {
      this.fail(error);
      this.facts(before);
    }
  }
}

const SUFFIXES = { text: "txt", markdown: "md", alto: "xml", hocr: "html" };

const percent = (share) => `${Math.round(share * 100)} %`;

// How sure a line is, or what its pattern says of it.
function verdict({ score, refused, match }) {
  if (refused) return "refused";
  if (!match) return percent(score);
  if (!match.pattern) return "no match";
  const check = { true: ", check digits right", false: ", check digits wrong" }[match.check] ?? "";
  return `✓ ${percent(match.probability)}${check}`;
}

function facts(page) {
  const count = page.lines.length === 1 ? "1 line" : `${page.lines.length} lines`;
  const runtimes = new Set(page.used.map((one) => `${one.model} on ${one.backend}`));
  return [count, `${Math.round(page.timing.total)} ms`, ...runtimes].join(" · ");
}

function element(name, text, className = "") {
  return Object.assign(document.createElement(name), { textContent: text, className });
}

// Browsers keep the clipboard from pages that were not fetched over HTTPS or from this machine.
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
