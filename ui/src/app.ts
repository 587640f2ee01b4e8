// Everything that pages do by script. Each module improves what works without it, and knows no other's work.

import htmx from "htmx.org";
import * as board from "./board";
import * as csrf from "./csrf";
import * as dialog from "./dialog";
import * as drafts from "./drafts";
import * as files from "./files";
import * as filter from "./filter";
import * as forms from "./forms";
import * as inline from "./inline";
import * as live from "./live";
import * as menu from "./menu";
import * as navigation from "./navigation";
import * as palette from "./palette";
import * as quotes from "./quotes";
import * as selection from "./selection";
import * as shortcuts from "./shortcuts";
import * as tabs from "./tabs";
import * as toast from "./toast";

// What comes in may be large: no transition holds it up. (The rest is in the head: kit/document.rs.)
htmx.config.transitions = false;

for (const module of [csrf, navigation, dialog, menu, toast, forms, drafts, inline, files, quotes, filter, selection, board, palette, shortcuts, tabs, live]) {
  module.start();
}
