/**
 * Times in words.
 *
 * @module
 */

const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]] as const;

/**
 * A span of time by its largest unit.
 *
 * @param seconds Length in seconds; the sign does not matter.
 * @returns Such as `11 hours`.
 */
export function describeSpan(seconds: number): string {
  const whole = Math.round(Math.abs(seconds));
  for (const [unit, length] of UNITS) {
    const count = Math.floor(whole / length);
    if (count > 0) return `${count} ${unit}${count === 1 ? "" : "s"}`;
  }
  return "0 seconds";
}

/**
 * When a credential stops working.
 *
 * @param at The moment.
 * @param now The time now.
 * @returns Such as `in 11 hours (2026-01-02T03:04:05Z)`, or `2 days ago (…)`.
 */
export function describeExpiry(at: Date, now: Date): string {
  const seconds = (at.getTime() - now.getTime()) / 1000;
  const span = describeSpan(seconds);
  const moment = at.toISOString().replace(/\.\d+Z$/, "Z");
  return `${seconds < 0 ? `${span} ago` : `in ${span}`} (${moment})`;
}
