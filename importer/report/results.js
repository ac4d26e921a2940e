"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const filters = byId("filters");
  const search = byId("search");
  const status = byId("status");
  const code = byId("code");
  const rows = Array.from(document.querySelectorAll("table.rows tbody tr"));
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const number = new Intl.NumberFormat("en");

  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, index) => {
      const fits =
        (!status.value || row.dataset.status === status.value) &&
        (!code.value || row.dataset.code === code.value) &&
        words.every((word) => texts[index].includes(word));
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    byId("showing").textContent = `Showing ${number.format(shown)} of ${number.format(rows.length)} rows`;
    byId("nothing").hidden = shown > 0 || rows.length === 0;
  };
  const showAll = () => {
    filters.reset();
    apply();
  };

  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 120);
  });
  status.addEventListener("change", apply);
  code.addEventListener("change", apply);
  filters.addEventListener("submit", (event) => event.preventDefault());
  // The fields still hold their old values while "reset" is being dispatched.
  filters.addEventListener("reset", () => setTimeout(apply, 0));
  byId("again").addEventListener("click", showAll);
  document.querySelectorAll("button.show").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      filters.reset();
      code.value = button.dataset.code;
      apply();
      byId("rows").scrollIntoView();
      byId("rows").focus({ preventScroll: true });
    });
  });
  filters.hidden = false;
  // A reload keeps what was typed before, so the table has to follow it.
  apply();
})();
