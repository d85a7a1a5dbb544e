package admin

import (
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// dateLayouts are the ways in which a day is typed; days stand before months, as in the whole region.
var dateLayouts = []string{"2/1/2006", "2-1-2006", "2.1.2006", "2006-1-2", "2006/1/2", "2 January 2006", "2 Jan 2006"}

// dayWords are days that have names of their own, from today on.
var dayWords = map[string]int{
	"today": 0, "tomorrow": 1, "yesterday": -1, "اليوم": 0, "غدا": 1, "غدًا": 1, "بكرة": 1, "أمس": -1, "امس": -1, "امبارح": -1,
}

// parseDay reads a civil date as it is typed, in digits of any script: "15/4/2026", "٢٠٢٦-٤-١٥", "tomorrow". It returns
// midnight UTC, like all civil dates here.
func parseDay(typed string, today time.Time) (day time.Time, ok bool) {
	text := strings.Join(strings.Fields(strings.ToLower(strings.Map(func(r rune) rune {
		switch {
		case r >= '٠' && r <= '٩':
			return '0' + r - '٠'
		case r >= '۰' && r <= '۹':
			return '0' + r - '۰'
		case r == '\u200e' || r == '\u200f' || r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, norm.NFKC.String(typed)))), " ")
	if days, ok := dayWords[text]; ok {
		return today.AddDate(0, 0, days), true
	}
	for _, layout := range dateLayouts {
		if day, err := time.Parse(layout, text); err == nil && day.Year() > 1900 {
			return day, true
		}
	}
	return time.Time{}, false
}
