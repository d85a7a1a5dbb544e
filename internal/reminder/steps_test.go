package reminder_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vetalyze/internal/reminder"
)

func TestParseSteps(t *testing.T) {
	t.Parallel()
	got, err := reminder.ParseSteps(reminder.DefaultSteps)
	want := []reminder.Step{
		{Days: -30, PlanDays: 180},
		{Days: -14, PlanDays: 180},
		{Days: -7, PlanDays: 14},
		{Days: -3},
		{Days: -1},
		{Days: 0},
		{Days: 1},
		{Days: 3, PlanDays: 14},
		{Days: 7, PlanDays: 14},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	for _, wrong := range []string{"", "x", "-3", "3,,1", "3:", "3:x", "3:-1", "3,3", "+3,3:14,+3", "400", "1.5"} {
		if steps, err := reminder.ParseSteps(wrong); err == nil {
			t.Errorf("%q is read as %v", wrong, steps)
		}
	}
}

// TestQuietHours: what is put off comes in an hour that is not quiet, the first one, on every day of every zone.
func TestQuietHours(t *testing.T) {
	t.Parallel()
	for _, wrong := range []string{"", "21", "21-21", "21-24", "-1-9", "x-9", "21-9-5"} {
		if quiet, err := reminder.ParseQuiet(wrong); err == nil {
			t.Errorf("%q is read as %v", wrong, quiet)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom([]string{"Africa/Cairo", "Asia/Kuwait", "America/Los_Angeles", "UTC"}).Draw(r, "zone"))
		if err != nil {
			r.Fatal(err)
		}
		quiet := reminder.Quiet{From: rapid.IntRange(0, 23).Draw(r, "from"), Until: rapid.IntRange(2, 23).Draw(r, "until")}
		if quiet.From == quiet.Until {
			return
		}
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 600*24*60).Draw(r, "minutes")) * time.Minute)
		after := quiet.After(at, zone)
		if after.Before(at) || after.Sub(at) > 25*time.Hour || quiet.Covers(after.In(zone).Hour()) {
			r.Fatalf("%v is put off to %v", at.In(zone), after.In(zone))
		}
		for between := at; between.Before(after); between = between.Add(7 * time.Minute) {
			if !quiet.Covers(between.In(zone).Hour()) {
				r.Fatalf("%v is put off to %v, past %v", at.In(zone), after.In(zone), between.In(zone))
			}
		}
	})
}
