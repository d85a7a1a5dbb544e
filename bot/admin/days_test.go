package admin

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

func TestParseDay(t *testing.T) {
	t.Parallel()
	today := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for typed, want := range map[string]string{
		"15/4/2026": "2026-04-15", "15-04-2026": "2026-04-15", "15.4.2026": "2026-04-15", "2026-04-15": "2026-04-15",
		"١٥/٤/٢٠٢٦": "2026-04-15", "15 April 2026": "2026-04-15", " 15 apr 2026 ": "2026-04-15", "29/2/2028": "2028-02-29",
		"today": "2026-03-01", "Tomorrow": "2026-03-02", "yesterday": "2026-02-28", "غدًا": "2026-03-02", "اليوم": "2026-03-01",
	} {
		day, ok := parseDay(typed, today)
		if got := day.Format(time.DateOnly); !ok || got != want {
			t.Errorf("%q is %s, %t; want %s", typed, got, ok, want)
		}
	}
	for _, typed := range []string{"", "soon", "31/4/2026", "29/2/2026", "15/4", "4", "1e9", "15/4/26", "0/0/0"} {
		if day, ok := parseDay(typed, today); ok {
			t.Errorf("%q is %s", typed, day)
		}
	}
}

// A view is the same after its way through a button, and fits into one with any route of the room before it. Only beside
// ids longer than any that are given out is the end of a search left off.
func TestViewsFitIntoButtons(t *testing.T) {
	t.Parallel()
	const plans, clinics = 36 * 36 * 36, 36 * 36 * 36 * 36 // three and four letters
	rapid.Check(t, func(r *rapid.T) {
		want := searching(rapid.OneOf(rapid.String(), rapid.StringN(30, 60, -1)).Draw(r, "text"))
		want.status = rapid.SampledFrom(append(staff.ClinicStatuses(), "")).Draw(r, "status")
		want.plan = rapid.OneOf(rapid.IntRange(0, plans-1), rapid.IntRange(plans, 1<<31-1)).Draw(r, "plan")
		at := rapid.OneOf(rapid.Int64Range(0, clinics-1), rapid.Int64Range(clinics, 1e9)).Draw(r, "at")
		if at > 0 {
			want.at = subscription.ClinicMark{Back: rapid.Bool().Draw(r, "back"), ClinicID: at}
		}
		data := want.data()
		if len(data) > 64-len("clinics:card:zzzzzz:") {
			r.Fatalf("%d bytes: %q", len(data), data)
		}
		if !utf8.ValidString(data) {
			r.Fatalf("%q", data)
		}
		got := readView(data)
		if (want.plan >= plans || at >= clinics) && strings.HasPrefix(want.text, got.text) {
			want.text = got.text
		}
		if got != want {
			r.Fatalf("%+v became %+v", want, got)
		}
	})
	if got := readView("9:-1:x_y:" + strings.Repeat("ع", 100)); got.status != "" || got.plan != 0 || got.at.ClinicID != 0 || len(got.text) > longSearch {
		t.Errorf("a forged view reads %+v", got)
	}
}
