"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const held = JSON.parse(document.getElementById("headway-data").textContent);
  const content = held.content;

  const offer = (name, type, text) => {
    const url = URL.createObjectURL(new Blob([text], { type }));
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  };

  const flat = (row, prefix = "", out = {}) => {
    for (const [key, value] of Object.entries(row)) {
      if (value !== null && typeof value === "object" && !Array.isArray(value)) {
        flat(value, prefix + key + ".", out);
      } else {
        out[prefix + key] = Array.isArray(value) ? value.join(" ") : value;
      }
    }
    return out;
  };
  const rowsOf = (data) => {
    let rows;
    if (data.frame) {
      const frame = content.frames[data.frame];
      const names = Object.keys(frame);
      rows = frame[names[0]].map((_, i) => Object.fromEntries(names.map((n) => [n, frame[n][i]])));
    } else {
      rows = data.list.split(".").reduce((found, name) => found[name], content);
    }
    const where = Object.entries(data.where || {});
    return rows.filter((row) => where.every(([key, value]) => row[key] === value));
  };
  const cell = (value) => {
    if (value === null || value === undefined) return "";
    let text = String(value);
    // a spreadsheet must not take a name for a formula
    if (typeof value === "string" && /^[=+\-@\t\r]/.test(text) && text !== "-inf") text = "'" + text;
    return /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  };
  const csv = (rows) => {
    const lines = rows.map((row) => flat(row));
    const names = [...new Set(lines.flatMap((line) => Object.keys(line)))];
    return (
      "\ufeff" +
      [names.map(cell), ...lines.map((line) => names.map((n) => cell(line[n])))]
        .map((line) => line.join(","))
        .join("\r\n") +
      "\r\n"
    );
  };
  const facts = () => ({
    headway: content.headway,
    data_release: content.data_release,
    as_of: content.as_of,
    level: content.level,
    provenance: content.provenance,
  });

  const drawing = (key) => {
    const figure = document.getElementById("figure-" + key);
    const shown = [...figure.querySelectorAll("svg.chart")].find(
      (svg) => getComputedStyle(svg).display !== "none",
    );
    const copy = shown.cloneNode(true);
    const style = document.createElementNS("http://www.w3.org/2000/svg", "style");
    const now = getComputedStyle(root);
    const names = ["page","ink","quiet","rule","grid","open","closed","restricted","unknown","wash"];
    style.textContent =
      names
        .map((n) => {
          const value = now.getPropertyValue("--" + n).trim();
          return `.f-${n}{fill:${value}}.s-${n}{stroke:${value}}`;
        })
        .join("") +
      `svg{background:${now.getPropertyValue("--page").trim()};` +
      `font-family:${getComputedStyle(shown).fontFamily.replaceAll("<", "")}}`;
    copy.prepend(style);
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + new XMLSerializer().serializeToString(copy);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const { figure: key, format, all, theme } = button.dataset;
    if (theme !== undefined) {
      if (theme === "auto") root.removeAttribute("data-theme");
      else root.dataset.theme = theme;
      for (const other of document.querySelectorAll("button[data-theme]")) {
        other.setAttribute("aria-pressed", String(other === button));
      }
    } else if (all === "json") {
      offer("headway-report.json", "application/json", JSON.stringify(content, null, 1));
    } else if (all === "lags") {
      offer("headway-lags.csv", "text/csv", csv(content.lags));
    } else if (all === "models") {
      offer("headway-models.csv", "text/csv", csv(rowsOf({ frame: "points" })));
    } else if (key) {
      const found = held.figures[key];
      const name = "headway-" + key;
      if (format === "csv") offer(name + ".csv", "text/csv", csv(rowsOf(found.data)));
      if (format === "json") {
        const { title, cite } = found;
        const body = { title, cite, ...facts(), rows: rowsOf(found.data) };
        offer(name + ".json", "application/json", JSON.stringify(body, null, 1));
      }
      if (format === "svg") offer(name + ".svg", "image/svg+xml", drawing(key));
      if (format === "spec") {
        offer(name + ".vl.json", "application/json", JSON.stringify(found.spec, null, 1));
      }
    }
  });

  const tip = document.getElementById("tip");
  let hot = null;
  const hide = () => {
    tip.hidden = true;
    if (hot) hot.classList.remove("hot");
    hot = null;
  };
  const show = (mark) => {
    if (mark === hot) return;
    hide();
    hot = mark;
    mark.classList.add("hot");
    tip.textContent = mark.getAttribute("aria-label");
    tip.hidden = false;
    const box = mark.getBoundingClientRect();
    const wide = document.documentElement.clientWidth;
    const left = Math.min(
      Math.max(8, box.left + box.width / 2 - tip.offsetWidth / 2),
      wide - tip.offsetWidth - 8,
    );
    const above = box.top - tip.offsetHeight - 8;
    tip.style.left = left + window.scrollX + "px";
    tip.style.top = (above > 4 ? above : box.bottom + 8) + window.scrollY + "px";
  };
  for (const type of ["pointerover", "click"]) {
    document.addEventListener(type, (event) => {
      const mark = event.target.closest("svg.chart [aria-label]");
      if (mark) show(mark);
      else if (type === "click" || event.pointerType === "mouse") hide();
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
  addEventListener("scroll", hide, { passive: true });

  for (const box of document.querySelectorAll(".filter input")) {
    const table = document.getElementById(box.dataset.table);
    box.addEventListener("input", () => {
      const want = box.value.trim().toLowerCase();
      for (const body of table.tBodies) {
        let left = 0;
        for (const row of body.rows) {
          if (row.classList.contains("sub")) continue;
          row.hidden = want !== "" && !row.textContent.toLowerCase().includes(want);
          if (!row.hidden) left += 1;
        }
        body.hidden = left === 0;
      }
    });
  }

  // the way back appears once the list of sections has left the screen
  const sections = document.getElementById("sections");
  const jump = document.getElementById("jump");
  const place = () => {
    jump.hidden = sections.getBoundingClientRect().bottom > 0;
  };
  addEventListener("scroll", place, { passive: true });
  place();

  const opened = [];
  addEventListener("beforeprint", () => {
    for (const item of document.querySelectorAll("details.print:not([open])")) {
      item.open = true;
      opened.push(item);
    }
  });
  addEventListener("afterprint", () => {
    for (const item of opened.splice(0)) item.open = false;
  });
})();
