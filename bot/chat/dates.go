package chat

import (
	"strings"
	"time"
)

// Moment tells a time of day on a day to come or just past: "Wednesday 4 March,
// 10:00" in the zone of whoever reads it.
func (l Locale) Moment(t time.Time, zone *time.Location) string {
	t = t.In(zone)
	return l.Plain("date.moment", Args{
		"Weekday": HTML(l.Plain("date.weekday." + strings.ToLower(t.Weekday().String()))),
		"Day":     t.Day(),
		"Month":   HTML(l.Plain("date.month." + strings.ToLower(t.Month().String()))),
		"Time":    HTML(t.Format("15:04")),
	})
}
