"use strict";
// The page shows everything without this script. It adds folding, searching and sorting of rows, and a choice of theme.
const root = document.documentElement;
root.classList.add("js");

const themes = { automatic: "", light: "light", dark: "dark" };
// Local storage may be unavailable to a page that was opened from a file.
const remembered = {
  get() {
    try {
      return localStorage.getItem("python3jail-theme");
    } catch {
      return null;
    }
  },
  set(name) {
    try {
      localStorage.setItem("python3jail-theme", name);
    } catch {
      /* The choice is then not remembered. */
    }
  },
};
const applyTheme = (name) => {
  if (themes[name]) root.dataset.theme = themes[name];
  else delete root.dataset.theme;
};
let theme = remembered.get() in themes ? remembered.get() : "automatic";
applyTheme(theme);

document.addEventListener("DOMContentLoaded", () => {
  const table = document.getElementById("jails");
  const form = document.getElementById("filters");
  const rows = [...table.tBodies];
  const texts = new Map();
  const textOf = (row) => {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
    return texts.get(row);
  };

  // Theme.
  const themeButton = document.getElementById("theme");
  const showTheme = () => {
    themeButton.textContent = `Theme: ${theme}`;
  };
  themeButton.hidden = false;
  showTheme();
  themeButton.addEventListener("click", () => {
    const names = Object.keys(themes);
    theme = names[(names.indexOf(theme) + 1) % names.length];
    applyTheme(theme);
    remembered.set(theme);
    showTheme();
  });

  // Folding.
  const buttons = new Map();
  const fold = (row, open) => {
    row.classList.toggle("open", open);
    buttons.get(row).setAttribute("aria-expanded", String(open));
  };
  for (const row of rows) {
    const name = row.querySelector(".name");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "fold";
    button.textContent = name.textContent;
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-controls", `${row.id}-more`);
    name.replaceWith(button);
    buttons.set(row, button);
  }
  table.addEventListener("click", (event) => {
    const main = event.target.closest("tr.main");
    // Do not fold a row while somebody selects text in it.
    if (!main || event.target.closest("a") || (String(getSelection()) !== "" && !event.target.closest("button")))
      return;
    fold(main.parentElement, !main.parentElement.classList.contains("open"));
  });
  const unfold = document.getElementById("unfold");
  unfold.addEventListener("click", () => {
    const open = unfold.textContent === "Open all";
    for (const row of rows) fold(row, open && !row.hidden);
    unfold.textContent = open ? "Close all" : "Open all";
  });

  // Searching.
  const output = form.querySelector("output");
  const fields = form.elements;
  const isWrong = (state) => !["well", "warns", "waiting"].includes(state);
  const filter = () => {
    const words = fields.text.value
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== "");
    const state = fields.state.value;
    const python = fields.python.value;
    let shown = 0;
    for (const row of rows) {
      const fits =
        (state === "" || row.dataset.state === state || (state === "wrong" && isWrong(row.dataset.state))) &&
        (python === "" || row.dataset.python === python) &&
        words.every((word) => textOf(row).includes(word));
      row.hidden = !fits;
      if (fits) shown += 1;
    }
    output.textContent = shown === rows.length ? `${shown} shown` : `${shown} of ${rows.length} shown`;
    document.getElementById("nothing").hidden = shown > 0;
  };
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  filter();
  for (const link of document.querySelectorAll("a[data-filter]")) {
    link.addEventListener("click", () => {
      form.reset();
      fields[link.dataset.filter].value = link.dataset.value;
      filter();
    });
  }

  // Sorting.
  const { compare } = new Intl.Collator("en", { numeric: true });
  const headings = [...table.tHead.rows[0].cells];
  const valueOf = (row, column) => {
    const cell = row.rows[0].cells[column];
    const value = cell.dataset.order ?? cell.textContent;
    return value === "–" ? "" : value;
  };
  const sort = (column) => {
    const heading = headings[column];
    const ascending = heading.getAttribute("aria-sort") !== "ascending";
    for (const other of headings) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    const values = new Map(rows.map((row) => [row, valueOf(row, column)]));
    const sorted = [...rows].sort((one, other) => {
      const [mine, its] = [values.get(one), values.get(other)];
      // Unknown values come last in both directions.
      if (mine === "" || its === "") return Number(mine === "") - Number(its === "");
      return ascending ? compare(mine, its) : compare(its, mine);
    });
    table.append(...sorted);
  };
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    button.addEventListener("click", () => sort(column));
  });

  // Opens the jail that a link points to, even if the filters hide it.
  const goTo = () => {
    const row = document.getElementById(location.hash.slice(1));
    if (!rows.includes(row)) return;
    if (row.hidden) {
      form.reset();
      filter();
    }
    fold(row, true);
    row.scrollIntoView({ block: "start" });
  };
  addEventListener("hashchange", goTo);
  root.classList.add("whole");
  goTo();
});
