package reminder

import (
	"context"
	"fmt"
	"time"

	"vetalyze/internal/staff"
)

// A Sent is a notification about a clinic, as the clinic's card tells of it.
type Sent struct {
	Kind       Kind
	State      State
	Reason     string    // a word: why it was cancelled, or what the last attempt met
	EndDate    time.Time // the first day without the term it is about
	Step       int       // of a reminder: days from that day, before it negative
	At         time.Time // when it was sent or given up; while it waits, when it is due
	TelegramID int64     // its receiver
	Name       string    // of a receiver at the clinic; an admin has none
}

// Trace returns who was told what about a clinic, the latest first.
func (r *Reminders) Trace(ctx context.Context, by staff.Speaker, clinicID int64, limit int) ([]Sent, error) {
	scope, err := by.Platform(r.db, staff.RightManageClinics)
	if err != nil {
		return nil, err
	}
	rows, err := r.query.NotificationTrace(ctx, scope, clinicID, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("trace notifications: %w", err)
	}
	trace := make([]Sent, len(rows))
	for i, row := range rows {
		trace[i] = Sent{
			Kind: Kind(row.Kind), State: State(row.State), EndDate: row.EndDate, Step: int(row.Step), At: row.DueAt,
			TelegramID: row.TelegramID, Name: row.FullName,
		}
		if row.Reason != nil {
			trace[i].Reason = *row.Reason
		}
		if row.SettledAt != nil {
			trace[i].At = *row.SettledAt
		}
	}
	return trace, nil
}
