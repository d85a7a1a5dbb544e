package reminder

import (
	"context"
	"errors"
	"fmt"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

// Nothing comes in the quiet hours, from 21:00 to 9:00 in the receiver's zone: a clinic owner's is the clinic's, an admin's the
// platform's. The hours that can be chosen are the others.
const (
	FirstHour   = 9
	LastHour    = 20
	DefaultHour = 10 // of who has chosen none; of digests Config.DigestHour
)

// ErrHour refuses an hour within the quiet ones.
var ErrHour = errors.New("reminder: not an hour for reminders")

// Settings are what a person wants of reminders (people.reminder_hour, people.reminders_muted). Planning follows them:
//
//   - Hour is when a clinic owner's reminders and an admin's digest come. An admin's alert that a clinic has ended does not
//     wait for it: it comes at once, or in the quiet hours at FirstHour. A change of the hour is for what is not planned yet
//     and for what waits.
//   - Muted leaves a clinic owner two reminders of each term: step -1, on the last day that is served, and step 0, when it has
//     ended; all earlier and later steps fall away. It leaves an admin the alerts and takes the digest. It is looked at when
//     a notification is sent, not only when it is planned, so that muting works at once.
type Settings struct {
	Hour  int // FirstHour to LastHour
	Muted bool
}

// A Change is what of the settings is to be another; nil stays.
type Change struct {
	Hour  *int
	Muted *bool
}

// Settings returns what the speaker has set, if they are somebody to whom reminders come.
func (r *Reminders) Settings(ctx context.Context, by staff.Speaker) (Settings, error) {
	if !by.May(staff.RightGetReminders) {
		return Settings{}, staff.ErrNotAllowed
	}
	row, err := r.query.PersonReminders(ctx, r.db.Person(by.TelegramID), by.TelegramID)
	if err != nil {
		return Settings{}, fmt.Errorf("read reminder settings: %w", err)
	}
	return r.settings(by, row.ReminderHour, row.RemindersMuted), nil
}

// settings are what was chosen; an admin's usual hour is the digest's.
func (r *Reminders) settings(by staff.Speaker, chosen *int16, muted bool) Settings {
	switch {
	case chosen != nil:
		return Settings{Hour: int(*chosen), Muted: muted}
	case by.Admin:
		return Settings{Hour: r.digestHour, Muted: muted}
	}
	return Settings{Hour: DefaultHour, Muted: muted}
}

// Change sets what the speaker wants otherwise, and returns all of it. It refuses an hour with ErrHour.
func (r *Reminders) Change(ctx context.Context, by staff.Speaker, change Change) (Settings, error) {
	if !by.May(staff.RightGetReminders) {
		return Settings{}, staff.ErrNotAllowed
	}
	params := db.PersonSetRemindersParams{TelegramID: by.TelegramID, Muted: change.Muted}
	if change.Hour != nil {
		if *change.Hour < FirstHour || *change.Hour > LastHour {
			return Settings{}, ErrHour
		}
		hour := int16(*change.Hour)
		params.Hour = &hour
	}
	row, err := r.query.PersonSetReminders(ctx, r.db.Person(by.TelegramID), params)
	if err != nil {
		return Settings{}, fmt.Errorf("change reminder settings: %w", err)
	}
	return r.settings(by, row.ReminderHour, row.RemindersMuted), nil
}
