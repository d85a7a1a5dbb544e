package reminder

import (
	"context"
	"fmt"

	"vetalyze/db"
)

// owedDays is how long a notification that could not go out is still worth sending.
const owedDays = 7

// planningLock is the advisory lock of the instance that plans.
const planningLock = 0x76657472 // "vetr"

// Plan puts into the outbox what is due and not yet in it: "due", never "due today", so that an outage, a night without an hour or
// a clock that jumps leaves nothing out. Of a term only the latest step is put in.
func (r *Reminders) Plan(ctx context.Context) error {
	if err := r.KeepZones(ctx); err != nil {
		return err
	}
	now := r.clock.Now()
	planned := map[Kind]int64{}
	err := r.db.Platform().InTx(ctx, func(tx db.Tx) error {
		lock, err := r.query.PlanningLock(ctx, tx, planningLock)
		if err != nil || !lock.Held {
			return err
		}
		steps := r.listed()
		planned[KindReminder], err = r.query.RemindersPlan(ctx, tx, db.RemindersPlanParams{
			Now: now, PlatformZone: r.zone.String(), Steps: steps.days, MinDays: steps.planDays,
			EndsFrom: now.AddDate(0, 0, -steps.last-owedDays-2), EndsUntil: now.AddDate(0, 0, 2-steps.first),
			OwedSince: now.AddDate(0, 0, -owedDays), UsualHour: DefaultHour,
		})
		if err != nil {
			return err
		}
		planned[KindEnded], err = r.query.EndedPlan(ctx, tx, db.EndedPlanParams{
			Now: now, PlatformZone: r.zone.String(), LateDays: owedDays,
		})
		if err != nil || r.quiet.Covers(now.In(r.zone).Hour()) { // a digest of yesterday is none
			return err
		}
		planned[KindDigest], err = r.query.DigestPlan(ctx, tx, db.DigestPlanParams{
			Now: now, PlatformZone: r.zone.String(), Today: r.clock.Today(r.zone), DigestHour: int32(r.digestHour),
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("plan notifications: %w", err)
	}
	for kind, n := range planned {
		r.metrics.count(kind, eventPlanned, n)
	}
	return nil
}

// listed are the steps as queries take them.
type listed struct {
	days, planDays []int32
	first, last    int // days from the end
}

func (r *Reminders) listed() (l listed) {
	for _, step := range r.steps {
		l.days = append(l.days, int32(step.Days))
		l.planDays = append(l.planDays, int32(step.PlanDays))
		l.first, l.last = min(l.first, step.Days), max(l.last, step.Days)
	}
	return l
}
