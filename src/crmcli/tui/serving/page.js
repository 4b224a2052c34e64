// Keys go to the terminal of the page from the start: nobody has to click into it first.
addEventListener("load", () => document.querySelector(".xterm-helper-textarea")?.focus());
