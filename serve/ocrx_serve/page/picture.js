// The picture that is read, with boxes over it.

import { preview } from "./api.js";

const frame = document.getElementById("frame");
const image = document.getElementById("picture");
const boxes = document.getElementById("boxes");

let shown = "";

// Shows a page of a file. Pictures that the browser cannot show come from the service.
export async function show(file, page, signal) {
  const own = page === 0 && /^image\/(png|jpeg|gif|webp|bmp|avif)$/.test(file.type);
  if (!(own && (await load(file))) && !(await load(await preview(file, page, signal)))) {
    throw new Error("the picture cannot be shown");
  }
  frame.hidden = false;
}

export function clear() {
  boxes.replaceChildren();
}

async function load(blob) {
  URL.revokeObjectURL(shown);
  shown = URL.createObjectURL(blob);
  image.src = shown;
  return image.decode().then(() => true, () => false);
}

// Draws the boxes of a page. `lit` is called with the place of the box that is pointed at, or -1.
export function draw(page, second, lit) {
  boxes.setAttribute("viewBox", `0 0 ${page.width} ${page.height}`);
  boxes.setAttribute("preserveAspectRatio", "none");
  const drawn = [...page.lines, ...page.items].map(({ quad }, place) => {
    const polygon = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
    polygon.setAttribute("points", quad.map((corner) => corner.join()).join(" "));
    polygon.classList.toggle("second", second);
    polygon.classList.toggle("item", place >= page.lines.length);
    polygon.addEventListener("pointerenter", () => lit(place));
    polygon.addEventListener("pointerleave", () => lit(-1));
    polygon.addEventListener("click", () => lit(place, true));
    return polygon;
  });
  boxes.append(...drawn);
  return (place) => drawn.forEach((one, at) => one.classList.toggle("lit", at === place));
}
