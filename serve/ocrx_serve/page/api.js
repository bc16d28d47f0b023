// Talks to the service. Errors carry its message and remedy.

const KEY = "ocrx-key";
let askForKey = async () => "";

export function onKeyNeeded(ask) {
  askForKey = ask;
}

export class Problem extends Error {
  constructor({ message, remedy }) {
    super([message, remedy].filter(Boolean).map((one) => one.replace(/\.?$/, ".")).join(" "));
  }
}

// The answer to a request, which is asked again with a key if the service wants one.
async function ask(path, init = {}) {
  for (;;) {
    const key = sessionStorage.getItem(KEY);
    const headers = key ? { Authorization: `Bearer ${encoded(key)}` } : {};
    const answer = await fetch(path, { ...init, headers }).catch((error) => {
      if (error.name === "AbortError") throw error;
      throw new Problem({ message: "the service does not answer", remedy: "Is it still running?" });
    });
    if (answer.ok) return answer;
    if (answer.status === 401) {
      sessionStorage.setItem(KEY, await askForKey());
      continue;
    }
    const told = await answer.json().catch(() => ({}));
    throw new Problem(told.error ?? { message: `the service answered ${answer.status}` });
  }
}

// Headers hold bytes: those of UTF-8, each as a character.
const encoded = (key) => String.fromCharCode(...new TextEncoder().encode(key));

function form(files, options) {
  const fields = new FormData();
  for (const file of files) fields.append("file", file, file.name || "pasted.png");
  for (const [name, value] of options) fields.append(name, value);
  return fields;
}

export const models = async () => (await ask("v1/models")).json();
export const runtimes = async () => (await (await ask("v1/runtimes")).json()).runtimes;

// Calls `each` with every page, or {error}, as it comes.
export async function read(files, options, each, signal) {
  const answer = await ask("v1/read/stream", { method: "POST", body: form(files, options), signal });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) each(JSON.parse(line));
  }
}

export async function write(files, options, format) {
  const answer = await ask("v1/read", { method: "POST", body: form(files, [...options, ["format", format]]) });
  return { blob: await answer.blob(), failed: Number(answer.headers.get("ocrx-failed") ?? 0) };
}

export async function preview(file, page, signal) {
  const answer = await ask("v1/preview", { method: "POST", body: form([file], [["page", page]]), signal });
  return answer.blob();
}
