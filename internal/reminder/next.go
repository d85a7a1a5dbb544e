package reminder

import (
	"context"
	"fmt"
	"slices"
	"time"

	"vetalyze/db"
)

// digestDays is how many mornings NextDue looks at for one that has something to tell: of a year's term, all.
const digestDays = 366

// NextDue returns when, after now, something will be planned or sent, as far as is known now; false when nothing will.
func (r *Reminders) NextDue(ctx context.Context) (time.Time, bool, error) {
	now, steps := r.clock.Now(), r.listed()
	row, err := r.query.NotificationNextDue(ctx, r.db.Platform(), db.NotificationNextDueParams{
		Now: now, PlatformZone: r.zone.String(), Steps: steps.days, MinDays: steps.planDays,
		EndsFrom: now.AddDate(0, 0, -steps.last-2), UsualHour: DefaultHour,
	})
	if err != nil {
		return time.Time{}, false, fmt.Errorf("find the next notification: %w", err)
	}
	if !row.Ended.IsZero() {
		row.Ended = r.quiet.After(row.Ended, r.zone)
	}
	next := now.AddDate(0, 0, digestDays)
	found := false
	for _, at := range []time.Time{row.Waiting, row.Reminder, row.Ended} {
		if !at.IsZero() && (!found || at.Before(next)) {
			next, found = at, true
		}
	}
	digest, ok, err := r.nextDigest(ctx, now, next)
	if ok {
		return digest, true, err
	}
	return next, found, err
}

// nextDigest returns when, between now and a time, the first digest comes that has something to tell.
func (r *Reminders) nextDigest(ctx context.Context, now, before time.Time) (time.Time, bool, error) {
	scope := r.db.Platform()
	digests, err := r.query.DigestHours(ctx, scope, int32(r.digestHour))
	if err != nil || len(digests) == 0 {
		return time.Time{}, false, err
	}
	year, month, day := now.In(r.zone).Date()
	for ahead := range digestDays {
		today := time.Date(year, month, day+ahead, 0, 0, 0, 0, time.UTC)
		var mornings []time.Time
		for _, digest := range digests {
			at := r.quiet.After(time.Date(year, month, day+ahead, int(digest.Hour), 0, 0, 0, r.zone), r.zone)
			if at.After(now) && today.After(digest.Told) {
				mornings = append(mornings, at)
			}
		}
		slices.SortFunc(mornings, time.Time.Compare)
		for _, at := range mornings {
			if !at.Before(before) {
				return time.Time{}, false, nil
			}
			overview, err := r.overviewAt(ctx, scope, at, Place{}, 1)
			if err != nil || !overview.Empty() {
				return at, err == nil, err
			}
		}
	}
	return time.Time{}, false, nil
}
