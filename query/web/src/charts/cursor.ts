//! The selected value of a chart, by pointer and by keyboard.

import { useState } from "preact/hooks";

export interface Cursor {
  index: number | null;
  handlers: {
    onPointerMove: (event: PointerEvent) => void;
    onPointerLeave: () => void;
    onKeyDown: (event: KeyboardEvent) => void;
    onBlur: () => void;
  };
}

/** `indexAt` returns the value at a horizontal position of the chart. */
export function useCursor(count: number, indexAt: (x: number) => number): Cursor {
  const [chosen, setChosen] = useState<number | null>(null);
  const index = chosen === null || count === 0 ? null : Math.max(0, Math.min(chosen, count - 1));
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowLeft: (index ?? count) - 1,
      ArrowRight: (index ?? -1) + 1,
      Home: 0,
      End: count - 1,
    };
    if (event.key === "Escape") setChosen(null);
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    setChosen(Math.max(0, Math.min(next, count - 1)));
  };
  const onPointerMove = (event: PointerEvent) => {
    const bounds = (event.currentTarget as Element).getBoundingClientRect();
    setChosen(indexAt(event.clientX - bounds.left));
  };
  const clear = () => setChosen(null);
  return { index, handlers: { onPointerMove, onPointerLeave: clear, onKeyDown, onBlur: clear } };
}
