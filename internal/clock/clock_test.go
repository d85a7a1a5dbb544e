package clock_test

import (
	"testing"
	"time"

	"vetalyze/internal/clock"
)

// TestUndivided asks at times of a day for five minutes: in Kathmandu, at 5:45 from UTC, days begin at a quarter past.
func TestUndivided(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]string{
		"18:00:00": "18:05:00", "18:09:59": "18:14:59", "18:10:00": "18:15:00", "18:14:59": "18:15:00", "18:15:00": "18:20:00",
		"23:58:00": "00:00:00",
	} {
		now, err := time.Parse(time.TimeOnly, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := clock.Undivided(now, 5*time.Minute).Format(time.TimeOnly); got != want {
			t.Errorf("from %s until %s, want %s", at, got, want)
		}
	}
}
