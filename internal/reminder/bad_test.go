package reminder_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/go-telegram/bot"

	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/reminder"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
	"vetalyze/internal/telegram"
)

// due is a house in which one reminder is due, to account 11.
func due(t *testing.T) (*house, *phone) {
	t.Helper()
	h := newHouse(t)
	h.sell(h.clinic("Happy Paws", "Africa/Cairo", 11), monthly)
	h.at("2026-03-24 10:00")
	return h, h.phone()
}

func TestZoneThatNoLongerExists(t *testing.T) {
	t.Parallel()
	for _, platform := range []string{"Africa/Cairo", "Mars/Olympus"} {
		h := newHouse(t)
		h.admin(1, "en")
		config := reminder.Config{DB: h.db, Clock: h.clock, Zone: time.FixedZone(platform, 2*60*60)}
		if platform == "Africa/Cairo" {
			config.Zone = h.cairo
		}
		h.Reminders = reminder.New(config)
		h.sell(h.clinic("Fine", "Africa/Cairo", 11), monthly)
		lost := h.clinic("Lost", "Africa/Cairo", 12)
		h.sell(lost, monthly)
		h.do(`UPDATE clinics SET time_zone = 'Egypt/Atlantis' WHERE clinic_id = $1`, lost)
		h.do(`UPDATE clinics SET day_zone = time_zone WHERE clinic_id = $1`, lost)
		p := h.phone()
		h.at("2026-03-24 13:00")
		if _, _, err := h.NextDue(t.Context()); err != nil {
			t.Error(err)
		}
		h.must(h.Plan(t.Context()))
		wants(t, platform, h.states("reminder"), "pending 2")
		p.fail = func(letter reminder.Letter) error { // the overview is not about zones
			if letter.Kind == reminder.KindDigest {
				return errRefused
			}
			return nil
		}
		wants(t, platform, p.tick(), "11: Fine 7", "12: Lost 7")
	}
}

var errRefused = errors.New("refused")

// TestDaysGoByAZoneThatIsKnown loses a clinic's zone and finds it again.
func TestDaysGoByAZoneThatIsKnown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lost := h.clinic("Lost", "Africa/Cairo", 12)
	admin := staff.Speaker{TelegramID: 1, Admin: true}
	days := func(when, want string) {
		t.Helper()
		speaker, err := h.people.Find(t.Context(), 12, "en")
		h.must(err)
		if got := speaker.Member.TimeZone; got != want {
			t.Errorf("%s: its days go by %s, want %s", when, got, want)
		}
		_, err = h.terms.ClinicPage(t.Context(), admin, subscription.Filter{}, subscription.ClinicMark{}, 20)
		h.must(err)
	}
	h.do(`UPDATE clinics SET time_zone = 'Egypt/Atlantis' WHERE clinic_id = $1`, lost)
	days("written", "UTC")
	h.do(`UPDATE clinics SET day_zone = 'Egypt/Atlantis' WHERE clinic_id = $1`, lost)
	if _, err := h.people.Find(t.Context(), 12, "en"); err == nil {
		t.Error("PostgreSQL knows Atlantis: the test is of no use")
	}
	h.must(h.KeepZones(t.Context()))
	days("lost", "Africa/Cairo")
	h.sell(lost, monthly) // what is lost refuses no change
	h.do(`UPDATE clinics SET time_zone = 'Asia/Kuwait' WHERE clinic_id = $1`, lost)
	h.do(`UPDATE clinics SET day_zone = 'Africa/Cairo' WHERE clinic_id = $1`, lost) // as long as Kuwait was lost
	h.must(h.KeepZones(t.Context()))
	days("known again", "Asia/Kuwait")
}

func TestReceiversThatAreNone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin(1, "en")
	h.admin(2, "en")
	h.do(`INSERT INTO admins (telegram_id, added_at) VALUES (3, '2020-01-01')`) // has never written
	h.sell(h.clinic("Nobody's", "Africa/Cairo", 0), monthly)
	p := h.phone()
	h.at("2026-03-24 12:00")
	h.do(`UPDATE people SET reminders_muted = true`)
	wants(t, "a clinic without a bound owner", p.tick())
	h.at("2026-04-07 10:00")
	h.must(h.Plan(t.Context()))
	wants(t, "planned", h.states("ended"), "pending 2")
	h.do(`UPDATE admins SET stopped_at = now() WHERE telegram_id = 2`)
	wants(t, "an admin who has left", p.tick(), "1: Nobody's expired")
	wants(t, "states", h.states("ended"), "cancelled left 1", "sent 1")
}

func TestClockSetBackAnHour(t *testing.T) {
	t.Parallel()
	h, p := due(t)
	wants(t, "on time", p.tick(), "11: Happy Paws 7")
	h.clock.Advance(-time.Hour)
	wants(t, "an hour back", p.tick())
	h.clock.Advance(time.Hour)
	wants(t, "again", p.tick())
	h.clock.Advance(-3 * 24 * time.Hour)
	wants(t, "days back", p.tick())
	h.at("2026-03-28 10:00")
	wants(t, "the next step", p.tick(), "11: Happy Paws 3")
	h.at("2026-03-27 10:00")
	wants(t, "a day back", p.tick())
}

func TestBlockedUntilTheyWrite(t *testing.T) {
	t.Parallel()
	h, p := due(t)
	h.do(`INSERT INTO clinics (clinic_id, name, owner_name, owner_phone, country_code, time_zone, creation_key, created_by)
	      VALUES (99, 'Other', 'Mona Sabry', '+201000000000', 'EG', 'Africa/Cairo', gen_random_uuid(), 1)`)
	calls := 0
	p.fail = func(reminder.Letter) error {
		calls++
		return errorf(bot.ErrorForbidden, "Forbidden: bot was blocked by the user")
	}
	wants(t, "blocked", p.tick())
	wants(t, "states", h.states("reminder"), "unreachable blocked 1")
	h.at("2026-03-28 10:00")
	wants(t, "still", p.tick())
	if calls != 1 {
		t.Errorf("Telegram was asked %d times, want once", calls)
	}
	p.fail = nil
	if _, err := h.people.Find(t.Context(), 11, "en"); err != nil { // they write
		t.Fatal(err)
	}
	h.at("2026-03-30 10:00")
	wants(t, "writing again revives", p.tick(), "11: Happy Paws 1")
}

func errorf(kind error, text string) error { return errors.Join(kind, errors.New(text)) }

// TestTelegramInTrouble has it answer 429 for a minute, 502, or nothing: the reminder comes as soon as it can, and is not lost.
func TestTelegramInTrouble(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err     error
		minutes int // that it goes on
		calls   int // in that time, at most
	}{
		"429":     {&bot.TooManyRequestsError{RetryAfter: 60}, 1, 1},
		"502":     {&telegram.CallError{Status: 502, Unsure: true}, 10, 5},
		"silence": {context.DeadlineExceeded, 10, 5},
		"401":     {bot.ErrorUnauthorized, 10, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, p := due(t)
			calls := 0
			p.fail = func(reminder.Letter) error { calls++; return test.err }
			for range test.minutes {
				wants(t, "meanwhile", p.tick())
				h.clock.Advance(time.Minute)
			}
			if calls > test.calls {
				t.Errorf("%d calls, want %d at most", calls, test.calls)
			}
			p.fail = nil
			var came []string
			for range 20 {
				came = append(came, p.tick()...)
				h.clock.Advance(time.Minute)
			}
			wants(t, "afterwards", came, "11: Happy Paws 7")
		})
	}
}

func TestRefusedForGood(t *testing.T) {
	t.Parallel()
	h, p := due(t)
	p.fail = func(reminder.Letter) error { return errorf(bot.ErrorBadRequest, "Bad Request: can't parse entities") }
	wants(t, "refused", p.tick())
	p.fail = nil
	wants(t, "not tried again", p.tick())
	wants(t, "states", h.states("reminder"), "failed permanent 1")
}

// TestPostgreSQLRestartsMeanwhile: it is gone when the outcome is to be written down. The outcome waits for it.
func TestPostgreSQLRestartsMeanwhile(t *testing.T) {
	t.Parallel()
	postgres, _ := pgtest.Private(t)
	h := furnished(houseOn(t, postgres.URL(), reminder.Config{}))
	h.sell(h.clinic("Happy Paws", "Africa/Cairo", 11), monthly)
	h.at("2026-03-24 10:00")
	p := h.phone()
	started := make(chan error, 1)
	p.fail = func(reminder.Letter) error {
		if err := postgres.Stop(); err != nil {
			return err
		}
		go func() { started <- postgres.Start(context.Background()) }()
		return nil
	}
	h.must(h.Plan(t.Context()))
	_ = h.Deliver(t.Context(), p.post()) // the others have found it gone
	h.must(<-started)
	p.fail = nil
	wants(t, "afterwards", p.tick())
	wants(t, "states", h.states("reminder"), "sent 1")
	if len(p.letters) != 1 {
		t.Errorf("%d letters, want 1", len(p.letters))
	}
}

// TestAnotherInstanceTakesOver: who has claimed a reminder is killed. It comes when the claim has run out, once.
func TestAnotherInstanceTakesOver(t *testing.T) {
	t.Parallel()
	h, p := due(t)
	h.must(h.Plan(t.Context()))
	h.do(`UPDATE notifications SET claim = gen_random_uuid(), claimed_until = clock_timestamp() + interval '1 hour', attempts = 1`)
	wants(t, "while it is claimed", p.tick())
	h.do(`UPDATE notifications SET claimed_until = clock_timestamp() - interval '1 second'`)
	wants(t, "when that is over", p.tick(), "11: Happy Paws 7")
	wants(t, "once", p.tick())
}

// TestHealth: a reminder that waits is late after a quarter of an hour; one that waits for the morning is not.
func TestHealth(t *testing.T) {
	t.Parallel()
	h, p := due(t)
	h.must(h.Plan(t.Context()))
	h.must(h.Health(t.Context()))
	p.fail = func(reminder.Letter) error { return context.DeadlineExceeded }
	wants(t, "Telegram is silent", p.tick())
	h.clock.Advance(16 * time.Minute)
	if err := h.Health(t.Context()); !errors.Is(err, reminder.ErrLate) {
		t.Errorf("after 16 minutes: %v", err)
	}
	p.fail = nil
	h.at("2026-03-24 21:30")
	wants(t, "at night", p.tick())
	h.clock.Advance(2 * time.Hour)
	h.must(h.Health(t.Context()))
	h.at("2026-03-25 09:00")
	wants(t, "in the morning", p.tick(), "11: Happy Paws 6")
}
