// Unpacks what is folded when it is opened, filters, copies, and knows a few keys. Findings and what to do read without it.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  let texts;
  const read = async () => {
    const bytes = Uint8Array.from(atob(document.getElementById("packed").textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  };
  const unpack = async (places) => {
    const left = places.filter((place) => place.dataset.packed);
    if (!left.length) return;
    try { texts ??= await read(); }
    catch { for (const place of left) place.textContent = "This browser cannot unpack it: read transcripts/ beside this page."; return; }
    for (const place of left) {
      if (!place.dataset.packed) continue;
      place.innerHTML = texts[place.dataset.packed];
      delete place.dataset.packed;
      for (const button of all(".copy", place)) button.hidden = !navigator.clipboard;
    }
  };
  const visible = (fold) => all("[data-packed]", fold).filter((place) => !place.parentElement.closest("details:not([open])"));
  addEventListener("toggle", (event) => { if (event.target.open) unpack(visible(event.target)); }, true);

  const find = async (id) => {
    const at = document.getElementById(id);
    if (at) return at;
    await unpack(all("[data-packed]"));
    return document.getElementById(id);
  };
  const open = async () => {
    const hash = decodeURIComponent(location.hash.slice(1));
    if (!hash || hash.startsWith("?")) return;
    const at = await find(hash);
    for (let fold = at; fold; fold = fold.parentElement) if (fold.tagName === "DETAILS") fold.open = true;
    if (at) at.scrollIntoView();
  };
  addEventListener("hashchange", open);
  // A second click on the link of the place that is shown already changes no address.
  addEventListener("click", async (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    if (link && link.hash === location.hash) open();
    const button = event.target.closest?.(".copy");
    if (!button) return;
    try { await navigator.clipboard.writeText(button.previousElementSibling.textContent); button.textContent = "Copied"; }
    catch { button.textContent = "Select it by hand"; }
    setTimeout(() => { button.textContent = "Copy"; }, 1600);
  });
  if (navigator.clipboard) for (const button of all(".copy")) button.hidden = false;

  const filter = document.querySelector(".filter");
  const clusters = all(".cluster");
  const shown = () => clusters.filter((cluster) => !cluster.classList.contains("out"));
  if (filter) {
    filter.hidden = false;
    const input = filter.querySelector("input");
    const selects = all("select", filter);
    const output = filter.querySelector("output");
    const results = all(".result");
    for (const select of selects) {
      for (const value of new Set(results.map((result) => result.dataset[select.name]))) select.add(new Option(value));
    }
    const apply = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const wanted = selects.filter((select) => select.value);
      let count = 0;
      for (const cluster of clusters) {
        let any = false;
        for (const result of all(".result", cluster)) {
          const hit = words.every((word) => result.dataset.find.toLowerCase().includes(word))
            && wanted.every((select) => result.dataset[select.name] === select.value);
          (result.closest(".member") || result).classList.toggle("out", !hit);
          any = any || hit;
          count += hit ? 1 : 0;
        }
        cluster.classList.toggle("out", !any);
      }
      output.textContent = words.length || wanted.length ? `${count} shown` : "";
    };
    const keep = () => {
      const state = new URLSearchParams([["q", input.value], ...selects.map((select) => [select.name, select.value])].filter(([, value]) => value));
      try { history.replaceState(null, "", state.size ? `#?${state}` : location.pathname + location.search); } catch { /* a page without an address */ }
    };
    const state = new URLSearchParams(location.hash.startsWith("#?") ? location.hash.slice(2) : "");
    input.value = state.get("q") || "";
    for (const select of selects) select.value = state.get(select.name) || "";
    filter.addEventListener("input", () => { apply(); keep(); });
    apply();
    if (state.size) document.getElementById("findings").scrollIntoView();
  }

  const keys = document.getElementById("keys");
  const step = (by) => {
    const groups = shown();
    const at = groups.findIndex((group) => group.contains(document.activeElement));
    groups[Math.min(Math.max(at + by, 0), groups.length - 1)]?.querySelector("summary").focus();
  };
  const acts = {
    "/": () => filter?.querySelector("input").focus(),
    j: () => step(1),
    k: () => step(-1),
    o: () => { const fold = shown().every((group) => group.open); for (const group of shown()) group.open = !fold; },
    "?": () => keys.showModal(),
  };
  addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, select, dialog");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  });
  unpack(visible(document));
  open();
})();
