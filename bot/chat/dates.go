package chat

import (
	"strings"
	"time"
)

// Day tells a date: "4 March 2026".
func (l Locale) Day(date time.Time) string {
	return l.Plain("date.day", Args{"Day": date.Day(), "Month": HTML(l.month(date)), "Year": date.Year()})
}

// Month tells a date of which no day is known: "March 2026".
func (l Locale) Month(date time.Time) string {
	return l.Plain("date.month_of", Args{"Month": HTML(l.month(date)), "Year": date.Year()})
}

func (l Locale) month(date time.Time) string {
	return l.Plain("date.month." + strings.ToLower(date.Month().String()))
}

// At tells a moment of the past: "4 March 2026, 10:00" in the zone of whoever reads it.
func (l Locale) At(t time.Time, zone *time.Location) string {
	t = t.In(zone)
	return l.Plain("date.at", Args{"Date": HTML(l.Day(t)), "Time": HTML(t.Format("15:04"))})
}

// Moment tells a time of day on a day to come or just past: "Wednesday 4 March,
// 10:00" in the zone of whoever reads it.
func (l Locale) Moment(t time.Time, zone *time.Location) string {
	t = t.In(zone)
	return l.Plain("date.moment", Args{
		"Weekday": HTML(l.Plain("date.weekday." + strings.ToLower(t.Weekday().String()))),
		"Day":     t.Day(),
		"Month":   HTML(l.month(t)),
		"Time":    HTML(t.Format("15:04")),
	})
}

// FullDay tells a civil date with its weekday: "Sunday 29 March 2026".
func (l Locale) FullDay(date time.Time) HTML {
	return HTML(isolate(l.Plain("date.full", Args{
		"Weekday": HTML(l.Plain("date.weekday." + strings.ToLower(date.Weekday().String()))),
		"Date":    HTML(l.Day(date)),
	})))
}

// ShortDay tells a civil date as Day does, ready for a sentence.
func (l Locale) ShortDay(date time.Time) HTML { return HTML(isolate(l.Day(date))) }

// MonthOf tells a month as Month does, ready for a sentence.
func (l Locale) MonthOf(date time.Time) HTML { return HTML(isolate(l.Month(date))) }
