// The options of one reader, as a form.

const FIELDS = ["recognizer", "backend", "layout", "pattern", "preprocessor", "min_score"];

let count = 0;

export class Choices {
  constructor(title, second, changed) {
    this.element = document.getElementById("choice").content.cloneNode(true).firstElementChild;
    this.element.classList.toggle("second", second);
    this.element.querySelector(".title").textContent = title;
    this.form = this.element.querySelector("form");
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("change", () => {
      this.show();
      changed();
    });
    this.form.querySelector(".add").addEventListener("change", (event) => this.add(event));
    this.show();
  }

  // Names and values, as a request has them.
  get options() {
    const found = FIELDS.map((name) => [name, this.form.elements[name]?.value.trim() ?? ""]);
    for (const box of this.form.querySelectorAll(".find input:checked")) found.push(["find", box.value]);
    return found.filter(([, value]) => value);
  }

  get name() {
    return this.options.map(([, value]) => value).join(", ");
  }

  offer(models) {
    const known = new Set(models.options.map((option) => option.name));
    for (const label of this.form.querySelectorAll("[data-option]")) {
      if (!known.has(label.dataset.option)) label.remove();
    }
    const { recognizer, backend, pattern } = this.form.elements;
    pattern?.after(listed(pattern, models.pattern));
    recognizer.append(...models.recognizer.map(group), ...models.page_reader.map(group));
    recognizer.append(new Option("none: read no text", "none"));
    backend.append(...models.backend.map((one) => new Option(one.name, one.name)));
    const adder = this.form.querySelector(".add");
    adder.append(...models.preprocessor.map((one) => new Option(one.name, one.name)));
    const find = this.form.querySelector(".find");
    find.hidden = !models.finder.length;
    for (const { name } of models.finder) {
      const label = document.createElement("label");
      const box = Object.assign(document.createElement("input"), { type: "checkbox", value: name });
      label.append(box, name);
      find.append(label);
    }
  }

  offerRuntimes(runtimes) {
    for (const { name, present } of runtimes) {
      const option = [...this.form.elements.backend.options].find((one) => one.value === name);
      if (option && !present) Object.assign(option, { disabled: true, text: `${name} (not installed)` });
    }
  }

  add(event) {
    const { preprocessor } = this.form.elements;
    preprocessor.value = [preprocessor.value.trim(), event.target.value].filter(Boolean).join("+");
    event.target.value = "";
  }

  show() {
    this.element.querySelector(".chosen").textContent = this.name;
  }
}

// Suggestions for a field that takes any text, too.
function listed(field, components) {
  const list = document.createElement("datalist");
  list.id = `names-${(count += 1)}`;
  list.append(...components.map(({ name }) => new Option(name, name)));
  field.setAttribute("list", list.id);
  return list;
}

// A component with its models; those that are not on the machine cannot be chosen.
function group({ name, models }) {
  if (models.length < 2) return new Option(name, name);
  const made = Object.assign(document.createElement("optgroup"), { label: name });
  for (const model of models) {
    const option = new Option(model.here ? model.name : `${model.name} (not here)`, model.name);
    option.disabled = !model.here;
    made.append(option);
  }
  return made;
}
