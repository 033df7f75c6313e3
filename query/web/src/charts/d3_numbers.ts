//! Replaces d3-interpolate and d3-format in the bundle: the scales of the page map numbers to numbers, and
//! `Intl` formats numbers.

export const interpolateNumber = (from: number, to: number) => (part: number) => from * (1 - part) + to * part;
export const interpolate = interpolateNumber;
export const interpolateRound = (from: number, to: number) => (part: number) =>
  Math.round(from * (1 - part) + to * part);

function unavailable(): never {
  throw new Error("not in the bundle");
}

export {
  unavailable as piecewise,
  unavailable as format,
  unavailable as formatPrefix,
  unavailable as formatSpecifier,
  unavailable as precisionFixed,
  unavailable as precisionPrefix,
  unavailable as precisionRound,
};
