package subscription_test

import (
	"testing"
	"time"

	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

// TestTheClocksEdges looks at a term around the moments at which days begin and end. Moments are UTC.
func TestTheClocksEdges(t *testing.T) {
	t.Parallel()
	const cairo, kuwait, newYork = "Africa/Cairo", "Asia/Kuwait", "America/New_York"
	for name, c := range map[string]struct {
		zone, start string
		plan        int
		at          map[string]string
	}{
		"midnight in winter (UTC+2)": {cairo, "2026-01-05", daily, map[string]string{
			"2026-01-04T21:59:59Z": "upcoming 2026-01-05..2026-01-06 1 left",
			"2026-01-04T22:00:00Z": "active 2026-01-05..2026-01-06 1 left",
			"2026-01-05T21:59:59Z": "active 2026-01-05..2026-01-06 1 left",
			"2026-01-05T22:00:00Z": "grace 2026-01-05..2026-01-06 0 left",
			"2026-01-07T21:59:59Z": "grace 2026-01-05..2026-01-06 0 left",
			"2026-01-07T22:00:00Z": "ended 2026-01-05..2026-01-06 0 left",
		}},
		"midnight in summer (UTC+3)": {cairo, "2026-07-05", daily, map[string]string{
			"2026-07-04T20:59:59Z": "upcoming 2026-07-05..2026-07-06 1 left",
			"2026-07-04T21:00:00Z": "active 2026-07-05..2026-07-06 1 left",
			"2026-07-05T21:00:00Z": "grace 2026-07-05..2026-07-06 0 left",
		}},
		// 24 April 2026 has no midnight: after 23:59:59 comes 01:00. The day has 23 hours and is a day.
		"the day that has no midnight": {cairo, "2026-04-24", daily, map[string]string{
			"2026-04-23T21:59:59Z": "upcoming 2026-04-24..2026-04-25 1 left",
			"2026-04-23T22:00:00Z": "active 2026-04-24..2026-04-25 1 left",
			"2026-04-24T20:59:59Z": "active 2026-04-24..2026-04-25 1 left",
			"2026-04-24T21:00:00Z": "grace 2026-04-24..2026-04-25 0 left",
		}},
		"across the spring change": {cairo, "2026-04-20", monthly, map[string]string{
			"2026-04-20T10:00:00Z": "active 2026-04-20..2026-05-20 30 left",
			"2026-04-23T21:59:59Z": "active 2026-04-20..2026-05-20 27 left",
			"2026-04-23T22:00:00Z": "active 2026-04-20..2026-05-20 26 left",
			"2026-04-27T10:00:00Z": "active 2026-04-20..2026-05-20 23 left", // seven days, of 167 hours
			"2026-05-19T20:59:59Z": "active 2026-04-20..2026-05-20 1 left",
			"2026-05-19T21:00:00Z": "grace 2026-04-20..2026-05-20 0 left",
		}},
		// On 29 October 2026 the hour before midnight comes twice.
		"across the autumn change": {cairo, "2026-10-29", daily, map[string]string{
			"2026-10-28T21:00:00Z": "active 2026-10-29..2026-10-30 1 left",
			"2026-10-29T20:30:00Z": "active 2026-10-29..2026-10-30 1 left", // 23:30
			"2026-10-29T21:30:00Z": "active 2026-10-29..2026-10-30 1 left", // 23:30 again
			"2026-10-29T21:59:59Z": "active 2026-10-29..2026-10-30 1 left",
			"2026-10-29T22:00:00Z": "grace 2026-10-29..2026-10-30 0 left",
		}},
		"over 29 February": {cairo, "2028-02-15", monthly, map[string]string{
			"2028-02-29T10:00:00Z": "active 2028-02-15..2028-03-16 16 left",
			"2028-03-01T10:00:00Z": "active 2028-02-15..2028-03-16 15 left",
		}},
		"over no 29 February": {cairo, "2027-02-15", monthly, map[string]string{
			"2027-02-28T10:00:00Z": "active 2027-02-15..2027-03-17 17 left",
			"2027-03-01T10:00:00Z": "active 2027-02-15..2027-03-17 16 left",
		}},
		"from 29 February": {cairo, "2028-02-29", daily, map[string]string{
			"2028-02-29T10:00:00Z": "active 2028-02-29..2028-03-01 1 left",
			"2028-02-29T22:00:00Z": "grace 2028-02-29..2028-03-01 0 left",
		}},
		"an hour earlier in Kuwait": {kuwait, "2026-01-05", daily, map[string]string{
			"2026-01-04T20:59:59Z": "upcoming 2026-01-05..2026-01-06 1 left",
			"2026-01-04T21:00:00Z": "active 2026-01-05..2026-01-06 1 left",
			"2026-01-05T21:00:00Z": "grace 2026-01-05..2026-01-06 0 left",
		}},
		"hours later in New York": {newYork, "2026-01-05", daily, map[string]string{
			"2026-01-05T04:59:59Z": "upcoming 2026-01-05..2026-01-06 1 left",
			"2026-01-05T05:00:00Z": "active 2026-01-05..2026-01-06 1 left",
			"2026-01-06T05:00:00Z": "grace 2026-01-05..2026-01-06 0 left",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.clock.Set(day(t, "2026-01-01"))
			term := h.sell(h.clinic(c.zone), c.plan, c.start)
			zone, err := time.LoadLocation(c.zone)
			h.must(err)
			for moment, want := range c.at {
				at, err := time.Parse(time.RFC3339, moment)
				h.must(err)
				h.clock.Set(at)
				if got := says(h.term(term)); got != want {
					t.Errorf("at %s: %s, want %s", moment, got, want)
				}
				if got, want := h.standing(term.ClinicID).Today, h.clock.Today(zone); !got.Equal(want) {
					t.Errorf("at %s PostgreSQL has %s and Go %s", moment, got, want)
				}
			}
		})
	}
}

// TestStartIsTheEndOfTheFormer follows two terms over the midnight between them: there is no day between, and none twice.
func TestStartIsTheEndOfTheFormer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	clinic := h.clinic("")
	first, second := h.sell(clinic, monthly, "2026-04-01"), h.sell(clinic, monthly, "2026-05-01")
	for moment, want := range map[string][2]subscription.Status{
		"2026-04-30T20:59:59Z": {subscription.Active, subscription.Upcoming},
		"2026-04-30T21:00:00Z": {subscription.Grace, subscription.Active},
	} {
		at, err := time.Parse(time.RFC3339, moment)
		h.must(err)
		h.clock.Set(at)
		if got := [2]subscription.Status{h.term(first).Status, h.term(second).Status}; got != want {
			t.Errorf("at %s: %v, want %v", moment, got, want)
		}
		if got := h.standing(clinic); got.Status != staff.ClinicActive {
			t.Errorf("at %s the clinic is %s", moment, got.Status)
		}
	}
}

// TestRenewingInGrace: by default the days of grace are the clinic's; they can be counted.
func TestRenewingInGrace(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for start, want := range map[string]string{
		"":           "active 2026-04-03..2026-05-03 30 left",
		"2026-03-31": "active 2026-03-31..2026-04-30 27 left",
	} {
		h.today("2026-03-01")
		clinic := h.clinic("")
		h.sell(clinic, monthly, "")
		h.today("2026-04-03")
		if got := says(h.sell(clinic, monthly, start)); got != want {
			t.Errorf("from %q: %s, want %s", start, got, want)
		}
	}
}
