package reminder_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vetalyze/internal/subscription"
)

// wants compares the letters that came with those that should.
func wants(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: letters (-want +got)\n%s", what, diff)
	}
}

// TestDaysOfReminders walks through whole terms day by day, and notes on which days their owners are reminded.
func TestDaysOfReminders(t *testing.T) {
	t.Parallel()
	for plan, test := range map[int]struct {
		days int
		want []int // days from the end
	}{
		yearly:    {365, []int{-30, -14, -7, -3, -1, 0, 1, 3, 7}},
		monthly:   {30, []int{-7, -3, -1, 0, 1, 3, 7}},
		weekly:    {7, []int{-3, -1, 0, 1}},
		graceless: {30, []int{-7, -3, -1, 0, 1, 3, 7}},
	} {
		t.Run(fmt.Sprint(plan), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			term := h.sell(h.clinic("Happy Paws", "Africa/Cairo", 11), plan)
			p := h.phone()
			var got []int
			for at := max(-40, 1-test.days); at <= 20; at++ {
				morning := term.End.AddDate(0, 0, at)
				for _, hour := range []int{8, 9, 10, 13, 20, 22} {
					h.at(fmt.Sprintf("%s %02d:30", morning.Format(time.DateOnly), hour))
					if came := p.tick(); came != nil {
						wants(t, morning.Format(time.DateOnly), came, fmt.Sprintf("11: Happy Paws %d", -at))
						got = append(got, at)
						if hour != 10 {
							t.Errorf("%d days from the end: at %d:30, want 10:30", at, hour)
						}
					}
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("days from the end (-want +got)\n%s", diff)
			}
		})
	}
}

// TestAfterAnOutage: only the latest step is made up for, as it reads then, and nothing in quiet hours.
func TestAfterAnOutage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.sell(h.clinic("Happy Paws", "Africa/Cairo", 11), monthly) // until 31 March
	p := h.phone()
	h.at("2026-03-24 10:00")
	wants(t, "a week before", p.tick(), "11: Happy Paws 7")
	h.at("2026-03-30 23:10") // the steps of 28 and 30 March were missed
	wants(t, "at night", p.tick())
	h.at("2026-03-31 08:59")
	wants(t, "before nine", p.tick())
	h.at("2026-03-31 09:00") // what is said is said of today
	wants(t, "at nine", p.tick(), "11: Happy Paws 0")
	h.at("2026-03-31 10:00")
	wants(t, "at ten", p.tick(), "11: Happy Paws 0")
	h.at("2026-05-20 10:00")
	wants(t, "long afterwards", p.tick())
}

// TestReceiversDecide: the hour is the receiver's own, in the clinic's zone, and muting leaves the last day and the end.
func TestReceiversDecide(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.sell(h.clinic("Cairo Vet", "Africa/Cairo", 11), monthly)
	h.sell(h.clinic("Kuwait Vet", "Asia/Kuwait", 12), monthly) // an hour ahead
	h.do(`UPDATE people SET reminder_hour = 13 WHERE telegram_id = 11`)
	h.do(`UPDATE people SET reminders_muted = true WHERE telegram_id = 12`)
	p := h.phone()
	for _, step := range []struct {
		at   string
		want []string
	}{
		{"2026-03-24 10:00", nil},
		{"2026-03-24 13:00", []string{"11: Cairo Vet 7"}},
		{"2026-03-28 13:00", []string{"11: Cairo Vet 3"}},
		{"2026-03-30 08:59", nil},
		{"2026-03-30 09:00", []string{"12: Kuwait Vet 1"}},
		{"2026-03-30 13:00", []string{"11: Cairo Vet 1"}},
		{"2026-03-31 13:00", []string{"11: Cairo Vet 0", "12: Kuwait Vet 0"}},
		{"2026-04-01 13:00", []string{"11: Cairo Vet -1"}},
	} {
		h.at(step.at)
		wants(t, step.at, p.tick(), step.want...)
	}
}

// TestOneMessageForSeveralClinics: three end on one day, and their owner's phone rings once.
func TestOneMessageForSeveralClinics(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, name := range []string{"Downtown", "Airport", "Beach"} {
		h.sell(h.clinic(name, "Africa/Cairo", 11), monthly)
	}
	p := h.phone()
	h.at("2026-03-24 10:00")
	wants(t, "a week before", p.tick(), "11: Airport 7, Beach 7, Downtown 7")
}

// TestWhatWaitsIsLookedAtAgain plans a reminder, then changes what it is about: it is not sent.
func TestWhatWaitsIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, reason string
		change       func(h *house, term subscription.Term) error
	}{
		{"renewed", "renewed", func(h *house, term subscription.Term) error { h.sell(term.ClinicID, monthly); return nil }},
		{"extended", "changed", func(h *house, term subscription.Term) error {
			_, err := h.terms.Extend(t.Context(), nadia, on(term), 10)
			return err
		}},
		{"refunded", "changed", func(h *house, term subscription.Term) error {
			_, err := h.terms.Refund(t.Context(), nadia, on(term), 1)
			return err
		}},
		{"suspended", "changed", func(h *house, term subscription.Term) error {
			_, err := h.terms.Suspend(t.Context(), nadia, on(term))
			return err
		}},
		{"deactivated", "stopped", func(h *house, _ subscription.Term) error {
			h.do(`UPDATE clinics SET deactivated_at = now()`)
			return nil
		}},
		{"the owner left", "left", func(h *house, _ subscription.Term) error {
			h.do(`UPDATE staff SET stopped_at = now(), stopped_by = 1`)
			return nil
		}},
		{"muted", "muted", func(h *house, _ subscription.Term) error {
			h.do(`UPDATE people SET reminders_muted = true`)
			return nil
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			term := h.sell(h.clinic("Happy Paws", "Africa/Cairo", 11), monthly)
			h.at("2026-03-24 10:00")
			h.must(h.Plan(t.Context()))
			h.must(test.change(h, term))
			wants(t, "after the change", h.phone().tick())
			wants(t, "states", h.states("reminder"), "cancelled "+test.reason+" 1")
		})
	}
}

// TestEndedAlert: clinics that end in one night are one message in the morning, one that is closed is told at once.
func TestEndedAlert(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin(1, "en")
	h.admin(2, "ar")
	h.do(`UPDATE people SET reminders_muted = true`) // it comes all the same, and the digest does not
	for _, name := range []string{"Airport", "Beach"} {
		h.sell(h.clinic(name, "Africa/Cairo", 0), monthly)
	}
	refunded := h.sell(h.clinic("Downtown", "Africa/Cairo", 0), yearly)
	p := h.phone()
	h.at("2026-03-20 15:00")
	wants(t, "before", p.tick())
	_, err := h.terms.Refund(t.Context(), nadia, on(refunded), 1)
	h.must(err)
	wants(t, "refunded", p.tick(), "1: Downtown refunded", "2: Downtown refunded")
	h.at("2026-04-07 00:00") // the days of grace end with 6 April
	wants(t, "at night", p.tick())
	h.at("2026-04-07 09:00")
	wants(t, "in the morning", p.tick(), "1: Airport expired, Beach expired", "2: Airport expired, Beach expired")
	h.at("2026-04-08 12:00")
	wants(t, "the next day", p.tick())
}
