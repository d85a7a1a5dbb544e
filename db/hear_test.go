package db_test

import (
	"context"
	"testing"
	"time"

	"vetalyze/db"
	"vetalyze/internal/embedded/pgtest"
)

// memory is what somebody remembers of three things.
type memory struct {
	*db.Memory[string, db.Announcement]
	ctx context.Context
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var things = map[string]db.Announcement{
	"our person": {About: db.AboutPerson, ID: ourPerson},
	"our clinic": {About: db.AboutClinic, ID: ours},
	"the lists":  {About: db.AboutLists},
}

func newMemory(t *testing.T, d *db.DB, most int) memory {
	t.Helper()
	return memory{
		ctx: db.Remembering(t.Context()),
		Memory: db.NewMemory(d, most, func(a db.Announcement, _ string, thing db.Announcement) bool {
			return a == thing
		}),
	}
}

// fill remembers everything.
func (m memory) fill() {
	remember := m.Reading(noon)
	for name, thing := range things {
		remember(name, thing, noon.Add(time.Hour))
	}
}

// knows says what is remembered.
func (m memory) knows() map[string]bool {
	known := map[string]bool{}
	for name := range things {
		_, known[name] = m.Recall(m.ctx, name, noon)
	}
	return known
}

// catchUp returns when everything has been heard that was committed before: a connection hears it before it answers.
func catchUp(t *testing.T, d *db.DB) {
	t.Helper()
	if err := d.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestMemoryKeepsWhatIsNotChanged(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	pgtest.Hear(t, h.db)
	catchUp(t, h.db)
	m := newMemory(t, h.db, len(things))
	m.fill()
	for _, change := range []string{
		"UPDATE owners SET full_name = 'Ali'",
		"UPDATE people SET reminder_hour = 9 WHERE telegram_id = 1001",
		"UPDATE people SET language = 'en' WHERE telegram_id = 2002",
		"UPDATE staff SET role = 'receptionist' WHERE clinic_id = 2",
		"UPDATE clinics SET name = 'Theirs' WHERE clinic_id = 2",
	} {
		h.do(t, change)
		catchUp(t, h.db)
		for name, known := range m.knows() {
			if !known {
				t.Errorf("%s: forgets %s", change, name)
			}
		}
	}
}

func TestMemoryForgetsWhatIsChanged(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	pgtest.Hear(t, h.db)
	m := newMemory(t, h.db, len(things))
	for _, change := range []struct{ of, sql string }{
		{"our person", "UPDATE people SET language = 'en' WHERE telegram_id = 1001"},
		{"our person", "UPDATE people SET menu = 'owner' WHERE telegram_id = 1001"},
		{"our person", "UPDATE people SET chosen_clinic_id = NULL WHERE telegram_id = 1001"},
		{"our person", "UPDATE people SET unreachable_since = now() WHERE telegram_id = 1001"},
		{"our person", "UPDATE staff SET role = 'receptionist' WHERE clinic_id = 1"},
		{"our person", "UPDATE staff SET telegram_id = NULL, joined_at = NULL WHERE clinic_id = 1"},
		{"our person", "UPDATE staff SET telegram_id = 1001, joined_at = now() WHERE clinic_id = 1"},
		{"our person", "INSERT INTO admins (telegram_id) VALUES (1001)"},
		{"our person", "UPDATE admins SET stopped_at = now() WHERE telegram_id = 1001"},
		{"our person", "DELETE FROM admins WHERE telegram_id = 1001"},
		{"our clinic", "UPDATE clinics SET name = 'Ours' WHERE clinic_id = 1"},
		{"our clinic", "UPDATE subscriptions SET period = '[2026-03-01,2026-05-01)' WHERE clinic_id = 1"},
		{"the lists", "UPDATE countries SET currency_exponent = 2"},
		{"the lists", "UPDATE species SET emoji = '🦊' WHERE species_id = 1"},
		{"the lists", "UPDATE channels SET emoji = '🦊' WHERE channel_id = 1"},
		{"the lists", "UPDATE payment_methods SET name_en = 'Coins' WHERE method_id = 1"},
		{"the lists", "UPDATE plans SET name_en = 'By the month'"},
	} {
		for m.fill(); !m.knows()[change.of]; m.fill() { // the last change may be heard once more meanwhile
		}
		h.do(t, change.sql) // by somebody else
		catchUp(t, h.db)
		if m.knows()[change.of] {
			t.Errorf("%s: %s are still remembered", change.sql, change.of)
		}
	}
}

// TestOwnChangesAreHeardAtOnce changes something by the DB itself, in both ways there are, and looks at once.
func TestOwnChangesAreHeardAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	pgtest.Hear(t, h.db)
	m := newMemory(t, h.db, len(things))
	person := h.db.Person(ourPerson)
	for n := range 20 {
		language := []string{"en", "ar"}[n%2]
		m.fill()
		params := db.PersonSetLanguageParams{TelegramID: ourPerson, Language: language, Now: time.Now()}
		if err := db.New().PersonSetLanguage(t.Context(), person, params); err != nil {
			t.Fatal(err)
		}
		if m.knows()["our person"] {
			t.Error("still remembered when the statement is over")
		}
		m.fill()
		err := person.InTx(t.Context(), func(tx db.Tx) error {
			return db.New().PersonSetMenu(t.Context(), tx, language, ourPerson)
		})
		if err != nil {
			t.Fatal(err)
		}
		if m.knows()["our person"] {
			t.Error("still remembered when the transaction is over")
		}
	}
}

func TestMemoryAnswersOnlyWhoMayAsk(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := newMemory(t, h.db, len(things))
	m.fill()
	if _, ok := m.Recall(m.ctx, "the lists", noon); ok {
		t.Error("remembered, though nobody hears what is changed")
	}
	told := pgtest.Hear(t, h.db)
	if _, ok := m.Recall(m.ctx, "the lists", noon); ok {
		t.Error("remembered from before anybody heard what was changed")
	}
	catchUp(t, h.db)
	m.fill()
	if _, ok := m.Recall(m.ctx, "the lists", noon); !ok {
		t.Error("not remembered")
	}
	if _, ok := m.Recall(t.Context(), "the lists", noon); ok {
		t.Error("remembered for somebody who did not ask for it")
	}

	remember := m.Reading(noon)
	h.do(t, "UPDATE clinics SET name = 'Ours' WHERE clinic_id = 1")
	catchUp(t, h.db)
	remember("the lists", things["the lists"], noon.Add(time.Hour))
	if _, ok := m.Recall(m.ctx, "the lists", noon); ok {
		t.Error("remembered what was read while something changed")
	}

	m.fill()
	h.do(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'vetalyze_hear'")
	if err := <-told; err == nil {
		t.Error("not told that nothing is heard any more")
	}
	if _, ok := m.Recall(m.ctx, "the lists", noon); ok {
		t.Error("remembered, though nobody hears what is changed any more")
	}
	if err := <-told; err != nil {
		t.Errorf("not told that all is well again, but %v", err)
	}
	pgtest.AwaitMemory(t, h.db)
	if _, ok := m.Recall(m.ctx, "the lists", noon); ok {
		t.Error("remembered what may have changed while nobody heard")
	}
}

func TestMemoryHoldsSoManyAtMost(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	pgtest.Hear(t, h.db)
	catchUp(t, h.db)
	m := newMemory(t, h.db, 2)
	m.fill()
	left := 0
	for name := range things {
		if _, ok := m.Recall(m.ctx, name, noon); ok {
			left++
		}
	}
	if left != 2 {
		t.Errorf("%d are remembered", left)
	}
}

func TestMemoryHoldsForATime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	pgtest.Hear(t, h.db)
	catchUp(t, h.db)
	m := newMemory(t, h.db, len(things))
	m.fill()
	for at, holds := range map[time.Duration]bool{-1: false, 0: true, time.Hour - 1: true, time.Hour: false} {
		if _, ok := m.Recall(m.ctx, "the lists", noon.Add(at)); ok != holds {
			t.Errorf("%v after it was read: remembered %t", at, ok)
		}
	}
}
