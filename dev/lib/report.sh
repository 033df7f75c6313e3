# Progress messages with durations.

TOTAL_STEPS=3
step_number=0

say() {
  printf '%s\n' "$*"
}

fail() {
  printf 'dev/stack: %s\n' "$*" >&2
  exit 1
}

# Announces a numbered step, whose duration is measured from this call.
step() {
  step_number=$((step_number + 1))
  step_since=$EPOCHREALTIME
  printf '[%d/%d] %s\n' "$step_number" "$TOTAL_STEPS" "$*"
}

done_step() {
  printf '      %s (%s s)\n' "$*" "$(seconds_since "$step_since")"
}

# Prints the seconds since an $EPOCHREALTIME, with one decimal. Only the digits of
# EPOCHREALTIME are used, because its decimal separator depends on the locale.
seconds_since() {
  local tenths=$(((${EPOCHREALTIME//[!0-9]/} - ${1//[!0-9]/}) / 100000))
  printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}
