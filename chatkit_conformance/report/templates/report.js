// Copy buttons, a filter, and folds that open when something inside them is linked to. The page works without any of it.
(() => {
  const open = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const at = id && document.getElementById(id);
    for (let fold = at; fold; fold = fold.parentElement) if (fold.tagName === "DETAILS") fold.open = true;
    if (at) at.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();
  if (navigator.clipboard) for (const button of document.querySelectorAll(".copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      try { await navigator.clipboard.writeText(button.dataset.copy); button.textContent = "Copied"; }
      catch { button.textContent = "Select it by hand"; }
      setTimeout(() => { button.textContent = "Copy"; }, 1600);
    });
  }
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")].filter((fold) => !fold.closest(".transcripts"));
    for (const fold of folded) fold.open = true;
  });
  addEventListener("afterprint", () => { for (const fold of folded) fold.open = false; });
  const filter = document.querySelector(".filter");
  if (!filter) return;
  filter.hidden = false;
  const input = filter.querySelector("input");
  const output = filter.querySelector("output");
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const cluster of document.querySelectorAll(".cluster")) {
      let any = false;
      for (const result of cluster.querySelectorAll(".result")) {
        const hit = words.every((word) => result.dataset.find.toLowerCase().includes(word));
        const box = result.closest(".member") || result;
        box.classList.toggle("out", !hit);
        any = any || hit;
        shown += hit ? 1 : 0;
      }
      cluster.classList.toggle("out", !any);
    }
    output.textContent = words.length ? `${shown} shown` : "";
  });
})();
