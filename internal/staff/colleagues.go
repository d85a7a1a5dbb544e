package staff

import (
	"context"
	"fmt"
	"time"

	"vetalyze/db"
)

// A Colleague is somebody who is, was or is about to be at a clinic.
type Colleague struct {
	ID            int64 // staff_id
	Role          Role
	Name          string
	Phone         string
	TelegramID    int64     // 0: has never joined
	JoinedAt      time.Time // zero: never
	StoppedAt     time.Time // zero: not stopped
	LinkExpiresAt time.Time // of the open link; zero: none is

	now time.Time // when this was said
}

// Stopped says whether the colleague was stopped.
func (c Colleague) Stopped() bool { return !c.StoppedAt.IsZero() }

// Joined says whether the colleague has ever joined.
func (c Colleague) Joined() bool { return c.TelegramID != 0 }

// Invited says whether a link is open that has not expired. Of a colleague who has joined, it moves the membership to
// another account.
func (c Colleague) Invited() bool { return c.now.Before(c.LinkExpiresAt) }

// List returns everybody of the member's clinic: the owner, those at work, the stopped.
func (s *Staff) List(ctx context.Context, by Member) ([]Colleague, error) {
	if !by.May(RightManageStaff) {
		return nil, ErrNotAllowed
	}
	rows, err := s.query.StaffList(ctx, by.Scope(s.db), by.ClinicID)
	if err != nil {
		return nil, fmt.Errorf("list staff: %w", err)
	}
	colleagues := make([]Colleague, len(rows))
	for i, row := range rows {
		colleagues[i] = colleague(row, s.clock.Now())
	}
	return colleagues, nil
}

// Colleague returns one of the member's clinic; ErrNotFound for anybody else. A clinic's staff is short, so one is found
// among all.
func (s *Staff) Colleague(ctx context.Context, by Member, staffID int64) (Colleague, error) {
	all, err := s.List(ctx, by)
	if err != nil {
		return Colleague{}, err
	}
	for _, colleague := range all {
		if colleague.ID == staffID {
			return colleague, nil
		}
	}
	return Colleague{}, ErrNotFound
}

func colleague(row db.StaffListRow, now time.Time) Colleague {
	return Colleague{
		ID: row.StaffID, Role: Role(row.Role), Name: row.FullName, Phone: row.Phone,
		TelegramID: value(row.TelegramID), JoinedAt: value(row.JoinedAt), StoppedAt: value(row.StoppedAt),
		LinkExpiresAt: value(row.LinkExpiresAt), now: now,
	}
}
