# Telling the reader what happens, and how long it took.

TOTAL_STEPS=3
step_number=0

say() {
  printf '%s\n' "$*"
}

fail() {
  printf 'dev/stack: %s\n' "$*" >&2
  exit 1
}

# Announces a numbered step; what follows is the time since this call.
step() {
  step_number=$((step_number + 1))
  step_since=$EPOCHREALTIME
  printf '[%d/%d] %s\n' "$step_number" "$TOTAL_STEPS" "$*"
}

done_step() {
  printf '      %s (%s s)\n' "$*" "$(seconds_since "$step_since")"
}

# Seconds with one decimal between an $EPOCHREALTIME and now. The decimal
# separator of EPOCHREALTIME follows the locale, so only its digits count.
seconds_since() {
  local tenths=$(((${EPOCHREALTIME//[!0-9]/} - ${1//[!0-9]/}) / 100000))
  printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}
