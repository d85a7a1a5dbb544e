package reminder

import (
	"context"
	"fmt"
)

// KeepZones has the days of each clinic go by its own time zone where PostgreSQL knows that, and by the platform's where it
// does not any more, as after an upgrade; and tells the log. What reads a clinic's days relies on it, so it is done before
// anybody is let in, and with each planning, as PostgreSQL may be upgraded meanwhile.
func (r *Reminders) KeepZones(ctx context.Context) error {
	scope := r.db.Platform()
	moved, err := r.query.ZonesMoved(ctx, scope, r.zone.String())
	if err != nil {
		return fmt.Errorf("find zones that are unknown: %w", err)
	}
	for _, zone := range moved {
		clinics, err := r.query.ClinicsMoveZone(ctx, scope, zone.Zone, zone.TimeZone)
		if err != nil {
			return fmt.Errorf("move clinics to a zone: %w", err)
		}
		if zone.Zone == zone.TimeZone {
			r.log.InfoContext(ctx, "time zone is known again", "zone", zone.TimeZone, "clinics", clinics)
		} else {
			r.log.WarnContext(ctx, "PostgreSQL does not know a time zone", "zone", zone.TimeZone, "instead", zone.Zone, "clinics", clinics)
		}
	}
	return nil
}
