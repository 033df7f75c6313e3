//! The frame of every page: skip link, language and appearance.

import type { ComponentChildren } from "preact";
import { setParameters, useLocation } from "../location";
import { language, t } from "../text/language";
import { Icon } from "./icon";

interface Properties {
  children: ComponentChildren;
}

export function PageFrame({ children }: Properties) {
  const { parameters } = useLocation();
  const theme = parameters.get("theme") ?? "auto";
  return (
    <>
      <a class="skip" href="#figures">
        {t("skip")}
      </a>
      {children}
      <footer class="page-footer">
        <label class="select">
          <span>{t("language")}</span>
          <select value={language()} onChange={(event) => setParameters({ lang: event.currentTarget.value }, false)}>
            <option value="en" lang="en">
              English
            </option>
            <option value="ru" lang="ru">
              Русский
            </option>
          </select>
        </label>
        <label class="select">
          <span>{t("theme")}</span>
          <select value={theme} onChange={(event) => setParameters({ theme: event.currentTarget.value }, false)}>
            <option value="auto">{t("auto")}</option>
            <option value="light">{t("light")}</option>
            <option value="dark">{t("dark")}</option>
          </select>
        </label>
        <button type="button" class="quiet" onClick={() => print()}>
          <Icon name="print" />
          {t("print")}
        </button>
      </footer>
    </>
  );
}
