package reminder

import (
	"context"
	"time"

	"vetalyze/db"
)

// A claim is what an instance has taken out to send as one letter.
type claim struct {
	key         db.Key
	letter      Letter
	rows        int // notifications in the letter
	attempt     int // the n-th
	zone        *time.Location
	unreachable bool
}

// claim takes all that is due next for one person and of one kind; nil when nothing is due. What is no longer of use is
// cancelled, and left out of the letter.
func (d *delivery) claim(ctx context.Context) (*claim, error) {
	now := d.clock.Now()
	key := db.NewKey()
	rows, err := d.query.NotificationsClaim(ctx, d.db.Platform(), db.NotificationsClaimParams{
		Now: now, Today: d.clock.Today(d.zone), OwedSince: now.AddDate(0, 0, -owedDays), PlatformZone: d.zone.String(),
		Claim: key, LeaseSeconds: d.lease.Seconds(),
	})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	first := rows[0]
	c := &claim{
		key: key, zone: d.zone, unreachable: first.Unreachable,
		letter: Letter{Kind: Kind(first.Kind), To: first.TelegramID, Language: first.Language},
	}
	for _, row := range rows {
		if row.Verdict != "" {
			if err := d.cancel(ctx, c, row); err != nil {
				return nil, err
			}
			continue
		}
		c.add(row)
	}
	if c.letter.Kind == KindDigest && c.rows > 0 {
		c.letter.Overview, err = d.overviewAt(ctx, d.db.Platform(), d.clock.Now(), Place{}, digestClinics)
	}
	return c, err
}

// digestClinics is how many clinics stand in the digest; its buttons lead on.
const digestClinics = 10

// add puts a notification into the letter.
func (c *claim) add(row db.NotificationsClaimRow) {
	c.rows++
	c.attempt = max(c.attempt, int(row.Attempts))
	if c.letter.Kind == KindDigest {
		return
	}
	if zone, err := time.LoadLocation(row.Zone); err == nil && c.letter.Kind == KindReminder {
		c.zone = zone
	}
	item := Item{
		ClinicID: row.ClinicID, ClinicName: row.ClinicName, PlanEN: row.PlanNameEn, PlanAR: row.PlanNameAr,
		End: row.EndDate, GraceUntil: row.GraceUntil, Today: row.Today, Closed: row.CloseReason,
	}
	if row.NextStart.Year() > 1 {
		item.NextStart = row.NextStart
	}
	c.letter.Items = append(c.letter.Items, item)
}

// lasting gives an outcome time to be written down, whatever has been told to stop: what was sent and not noted would be sent
// again. It is tried until the claim runs out, through a restart of PostgreSQL for one.
func (d *delivery) lasting(ctx context.Context, write func(ctx context.Context) error) error {
	limit := d.lease
	if ctx.Err() != nil {
		limit = min(limit, shutdownTime)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	for {
		err := write(ctx)
		if !db.Unavailable(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (d *delivery) sent(ctx context.Context, c *claim, messageID int) error {
	err := d.lasting(ctx, func(ctx context.Context) error {
		noted, err := d.query.NotificationsSent(ctx, d.db.Platform(), db.NotificationsSentParams{
			Now: d.clock.Now(), MessageID: int64(messageID), TelegramID: c.letter.To, Kind: string(c.letter.Kind), Claim: c.key,
		})
		if err == nil && int(noted) < c.rows {
			d.log.WarnContext(ctx, "notification sent after its claim had run out", "kind", c.letter.Kind, "to", c.letter.To)
		}
		return err
	})
	if err == nil {
		d.metrics.count(c.letter.Kind, eventSent, int64(c.rows))
		d.log.InfoContext(ctx, "notification sent", "kind", c.letter.Kind, "to", c.letter.To, "message", messageID, "about", c.clinics())
	}
	return err
}

// clinics are the ids of those a letter is about, for the log.
func (c *claim) clinics() []int64 {
	ids := make([]int64, len(c.letter.Items))
	for i, item := range c.letter.Items {
		ids[i] = item.ClinicID
	}
	return ids
}

// settle says for good that a letter will not be sent.
func (d *delivery) settle(ctx context.Context, c *claim, state State, reason string) error {
	event := map[State]string{Unreachable: eventUnreachable, Failed: eventFailed, Cancelled: eventCancelled}[state]
	d.metrics.count(c.letter.Kind, event, int64(c.rows))
	return d.lasting(ctx, func(ctx context.Context) error {
		_, err := d.query.NotificationsSettle(ctx, d.db.Platform(), db.NotificationsSettleParams{
			State: string(state), Now: d.clock.Now(), Reason: reason, TelegramID: c.letter.To, Kind: string(c.letter.Kind), Claim: c.key,
		})
		return err
	})
}

// cancel says that one notification is no longer of use.
func (d *delivery) cancel(ctx context.Context, c *claim, row db.NotificationsClaimRow) error {
	d.metrics.count(c.letter.Kind, eventCancelled, 1)
	return d.lasting(ctx, func(ctx context.Context) error {
		_, err := d.query.NotificationCancel(ctx, d.db.Platform(), db.NotificationCancelParams{
			Now: d.clock.Now(), Reason: row.Verdict, ClinicID: row.ClinicID, SubscriptionID: row.SubscriptionID,
			EndDate: row.EndDate, Step: row.Step, TelegramID: row.TelegramID, Kind: row.Kind, Claim: c.key,
		})
		return err
	})
}

func (d *delivery) retry(ctx context.Context, c *claim, pause time.Duration, reason string) error {
	d.metrics.count(c.letter.Kind, eventRetried, int64(c.rows))
	return d.lasting(ctx, func(ctx context.Context) error {
		_, err := d.query.NotificationsRetry(ctx, d.db.Platform(), db.NotificationsRetryParams{
			NextAttemptAt: d.clock.Now().Add(pause), Reason: reason, TelegramID: c.letter.To, Kind: string(c.letter.Kind), Claim: c.key,
		})
		return err
	})
}

// putOff gives a letter back until a time: the end of the quiet hours, or now, when this process stops.
func (d *delivery) putOff(ctx context.Context, c *claim, until time.Time) error {
	return d.lasting(ctx, func(ctx context.Context) error {
		_, err := d.query.NotificationsPutOff(ctx, d.db.Platform(), db.NotificationsPutOffParams{
			Until: until, TelegramID: c.letter.To, Kind: string(c.letter.Kind), Claim: c.key,
		})
		return err
	})
}
