// Links to questions, and keys: what a click does, a key does too
const spatialMosaic = {
  linked: () => new URLSearchParams(window.location.search).get("id") ?? "",

  // Keys that were pressed while the server was busy: what it is asked must be about the question on the screen
  waiting: [],
  options: ["1", "2", "3", "4"],

  begin(inputs) {
    document.body.classList.add("sm-busy");
    return inputs;
  },

  end(id) {
    document.body.classList.remove("sm-busy");
    const url = new URL(window.location);
    if (id) url.searchParams.set("id", id);
    else url.searchParams.delete("id");
    window.history.replaceState(null, "", url);
    // a Space is a frame of its page on the Hub, whose address is the one that people copy
    if (window.parent !== window) {
      window.parent.postMessage({ queryString: url.searchParams.toString() }, "https://huggingface.co");
    }
    setTimeout(() => this.resume()); // once the page has what it was given
  },

  resume() {
    const key = this.waiting.shift();
    if (!key) return;
    this.target(key)?.click();
    if (this.options.includes(key)) this.resume(); // the server has no part in it
  },

  target(key) {
    const buttons = { ArrowLeft: "previous", ArrowRight: "next", r: "random", a: "reveal" };
    const switches = ["b", "p", "o", "m"];
    if (key in buttons) return document.querySelector(`button#${buttons[key]}, #${buttons[key]} button`);
    if (this.options.includes(key)) return document.querySelectorAll("#option input")[this.options.indexOf(key)];
    if (!switches.includes(key)) return null;
    return [...document.querySelectorAll("#overlays input")].find((box) => box.name.toLowerCase().startsWith(key));
  },
};

window.addEventListener("keydown", (event) => {
  const at = event.target;
  const types = at.matches("textarea, select, [contenteditable], input:not([type=radio]):not([type=checkbox])");
  if (types || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const target = spatialMosaic.target(key);
  if (!target) return;
  event.preventDefault();
  event.stopPropagation(); // left and right step even where an option has the focus; up and down move among options
  if (!document.body.classList.contains("sm-busy")) target.click();
  else if (!event.repeat) spatialMosaic.waiting.push(key);
}, true);
