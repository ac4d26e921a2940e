"use strict";
(() => {
  // Ten thousand rows in the document make each change of the table slow to draw; a few hundred do not.
  const PORTION = 200;
  const SIDE = 96;
  const byId = (id) => document.getElementById(id);
  const [filters, search, status, code, host] = ["filters", "search", "status", "code", "host"].map(byId);
  const body = byId("table").tBodies[0];
  const rows = Array.from(body.rows);
  // What a reader looks for is in the file or in the result; our own words on the store's picture are in every row.
  const sought = (node) => (node.className === "stored" ? "" : node.textContent);
  const texts = rows.map((row) =>
    Array.from(row.cells, (cell) => Array.from(cell.childNodes, sought).join(" ")).join(" ").toLowerCase(),
  );
  const statuses = rows.map((row) => row.dataset.status);
  const codes = rows.map((row) => row.dataset.code || "");
  const hosts = rows.map((row) => ` ${row.dataset.hosts || ""} `);
  const blamed = rows.map((row) => row.dataset.blamed || "");
  const total = Number(byId("table").dataset.total);
  const number = new Intl.NumberFormat("en");
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  let order = rows.map((_, index) => index);
  let matching = order;
  let drawn = 0;
  let withPictures = false;

  const openPicture = (row) => {
    const place = row.querySelector(".stored");
    if (!row.dataset.thumbnail || place.querySelector("img")) return;
    const image = new Image(SIDE, SIDE);
    image.loading = "lazy";
    image.decoding = "async";
    image.referrerPolicy = "no-referrer";
    image.alt = `The picture in the store for row ${row.cells[0].firstChild.data}`;
    image.addEventListener("error", () => image.replaceWith("This picture could not be loaded: it is gone from the store, or you are offline. "));
    place.prepend(image);
    image.src = row.dataset.thumbnail;
    row.querySelector("button.open")?.remove();
  };
  const closePicture = (row) => {
    row.querySelector(".stored img")?.remove();
    offerPicture(row);
  };
  const offerPicture = (row) => {
    const place = row.querySelector(".stored");
    if (!row.dataset.thumbnail || place.querySelector("img, button")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "open";
    button.textContent = "Show it here";
    button.addEventListener("click", () => {
      openPicture(row);
      place.querySelector("a").focus({ preventScroll: true });
    });
    place.append(" ", button);
  };

  const draw = (until) => {
    const next = matching.slice(drawn, until).map((index) => rows[index]);
    next.forEach(withPictures ? openPicture : offerPicture);
    body.append(...next);
    drawn += next.length;
    byId("more").hidden = drawn >= matching.length;
  };
  const redraw = () => {
    body.replaceChildren();
    drawn = 0;
    draw(PORTION);
  };

  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const ended = {
      "": () => true,
      problem: (index) => codes[index] !== "",
      blamed: (index) => blamed[index] !== "" && (!host.value || blamed[index] === host.value),
    }[status.value] || ((index) => statuses[index] === status.value);
    const fits = (index) =>
      ended(index) &&
      (!code.value || codes[index] === code.value) &&
      (!host.value || hosts[index].includes(` ${host.value} `)) &&
      words.every((word) => texts[index].includes(word));
    matching = order.filter(fits);
    redraw();
    const count = number.format(matching.length);
    const all = number.format(rows.length);
    byId("showing").textContent =
      total > rows.length
        ? `Showing ${count} of the ${all} rows on this page; the file has ${number.format(total)}`
        : `Showing ${count} of ${all} rows`;
    byId("nothing").hidden = matching.length > 0 || rows.length === 0;
    byId("copy-numbers").disabled = matching.length === 0;
    byId("numbers").hidden = true;
  };
  const show = (choice) => {
    // Each field by itself: a reset of all would filter a second time.
    search.value = "";
    status.value = choice.status || "";
    code.value = choice.code || "";
    host.value = choice.host || "";
    apply();
    byId("rows").scrollIntoView();
    byId("rows").focus({ preventScroll: true });
  };

  // What the rows are sorted by: the file's order, the words of a cell, or the results from best to worst.
  const ranks = (column) => {
    if (column === 0) return rows.map((_, index) => index);
    if (column === 3) {
      const best = Array.from(status.options, (option) => option.value);
      return statuses.map((value) => best.indexOf(value));
    }
    const keys = rows.map((row) => row.cells[column].textContent);
    const sorted = rows.map((_, index) => index).sort((one, two) => collator.compare(keys[one], keys[two]));
    const found = [];
    let rank = 0;
    sorted.forEach((index, place) => {
      if (place > 0 && collator.compare(keys[index], keys[sorted[place - 1]]) !== 0) rank += 1;
      // An empty cell is the last in either direction.
      found[index] = keys[index] === "" ? null : rank;
    });
    return found;
  };
  const known = [];
  const sortBy = (column, descending) => {
    known[column] ||= ranks(column);
    const rank = known[column];
    const sign = descending ? -1 : 1;
    order = rows.map((_, index) => index).sort((one, two) => {
      const [first, second] = [rank[one], rank[two]];
      if (first === null || second === null) return (first === null) - (second === null);
      return sign * (first - second);
    });
  };
  const headers = Array.from(byId("table").tHead.rows[0].cells);
  headers.forEach((header, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => {
      const descending = header.getAttribute("aria-sort") === "ascending";
      headers.forEach((other) => other.removeAttribute("aria-sort"));
      header.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sortBy(column, descending);
      apply();
    });
  });
  headers[0].setAttribute("aria-sort", "ascending");

  let hiding = 0;
  const say = (words) => {
    clearTimeout(hiding);
    byId("said").textContent = words;
    hiding = setTimeout(() => {
      byId("said").textContent = "";
    }, 6000);
  };
  const mark = (element) => {
    if (element.select) {
      element.focus();
      element.select();
    } else {
      getSelection().selectAllChildren(element);
    }
  };
  // A page from the disk may not use the clipboard in every browser; then the older way is tried, and at last the
  // reader copies what is marked already.
  const copy = async (element, done) => {
    const text = element.value || element.textContent;
    try {
      await navigator.clipboard.writeText(text);
      say(done);
    } catch {
      mark(element);
      say(document.execCommand("copy") ? done : "Press Ctrl+C, or Command+C, to copy the marked text.");
    }
  };
  const rowNumbers = () => {
    const sheets = new Map();
    Array.from(matching)
      .sort((one, two) => one - two)
      .forEach((index) => {
        const [row, sheet] = rows[index].cells[0].childNodes;
        const name = sheet ? sheet.textContent : "";
        if (!sheets.has(name)) sheets.set(name, new Set());
        sheets.get(name).add(row.data);
      });
    return sheets;
  };
  byId("copy-numbers").addEventListener("click", () => {
    const sheets = rowNumbers();
    const lines = Array.from(sheets, ([name, found]) => `${name ? `${name}: ` : ""}${Array.from(found).join(", ")}`);
    const count = Array.from(sheets.values()).reduce((sum, found) => sum + found.size, 0);
    byId("numbers").hidden = false;
    byId("numbers-text").value = lines.join("\n");
    const copied = count === 1 ? "One row number is copied." : `${number.format(count)} row numbers are copied.`;
    const part = total > rows.length ? " Rows that are not on this page are not among them; results.xlsx has all." : "";
    copy(byId("numbers-text"), copied + part);
  });
  document.querySelectorAll("button.copy").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => copy(byId(button.dataset.letter), "The text is copied."));
  });

  byId("pictures")?.addEventListener("click", (event) => {
    withPictures = !withPictures;
    event.target.setAttribute("aria-pressed", String(withPictures));
    Array.from(body.rows).forEach(withPictures ? openPicture : closePicture);
    rows.filter((row) => !row.isConnected).forEach((row) => row.querySelector(".stored img")?.remove());
  });

  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 120);
  });
  [status, code, host].forEach((field) => field.addEventListener("change", apply));
  filters.addEventListener("submit", (event) => event.preventDefault());
  // The fields still hold their old values while "reset" is being dispatched.
  filters.addEventListener("reset", () => setTimeout(apply, 0));
  byId("again").addEventListener("click", () => {
    filters.reset();
    search.focus();
  });
  document.querySelectorAll(".show").forEach((control) => {
    control.hidden = false;
    control.addEventListener("click", (event) => {
      event.preventDefault();
      show(control.dataset);
    });
  });

  const grow = () => draw(drawn + PORTION);
  byId("show-more").addEventListener("click", () => {
    const first = drawn;
    grow();
    body.rows[first].tabIndex = -1;
    body.rows[first].focus({ preventScroll: true });
  });
  const watcher = new IntersectionObserver(
    (seen) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      grow();
      // It tells of changes alone, and what it watches may still be in sight.
      watcher.unobserve(byId("more"));
      watcher.observe(byId("more"));
    },
    { rootMargin: "600px" },
  );
  watcher.observe(byId("more"));

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = Array.from(document.querySelectorAll("details:not([open])"));
    opened.forEach((part) => {
      part.open = true;
    });
    draw(matching.length);
  });
  addEventListener("afterprint", () => {
    opened.forEach((part) => {
      part.open = false;
    });
    redraw();
  });

  filters.hidden = rows.length === 0;
  byId("found").hidden = rows.length === 0;
  byId("table").classList.add("sortable");
  // A reload keeps what was typed before, so the table has to follow it.
  apply();
})();
