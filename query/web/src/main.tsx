//! The entry of the page.

import { render } from "preact";
import { App } from "./app";
import { followLinks } from "./location";
import "./styles/app.css";

document.addEventListener("click", followLinks);
render(<App />, document.getElementById("app")!);
