//! Controls that select one of several values.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export interface Option {
  value: string;
  name: string;
}

interface SegmentsProperties {
  label: string;
  value: string;
  options: Option[];
  onChange: (value: string) => void;
}

/** A few options side by side. */
export function Segments({ label, value, options, onChange }: SegmentsProperties) {
  const group = useId();
  return (
    <fieldset class="segments">
      <legend class="sr-only">{label}</legend>
      {options.map((option) => (
        <label key={option.value}>
          <input
            type="radio"
            // Its value is part of no form that contains it.
            form=""
            name={group}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          <span>{option.name}</span>
        </label>
      ))}
    </fieldset>
  );
}

interface SelectProperties extends SegmentsProperties {
  isActive?: boolean;
}

/** A menu of the browser, which works by keyboard and on phones. */
export function Select({ label, value, options, onChange, isActive = false }: SelectProperties) {
  return (
    <label class={`select${isActive ? " active" : ""}`}>
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.name}
          </option>
        ))}
      </select>
    </label>
  );
}

interface CheckProperties {
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  children: ComponentChildren;
}

export function Check({ checked, onChange, disabled = false, children }: CheckProperties) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      {children}
    </label>
  );
}
