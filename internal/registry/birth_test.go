package registry_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vetalyze/internal/registry"
)

// A day on which months of every length lie behind: counting back from the 31st must stop at their ends.
var today = date(2026, 3, 31)

func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

func known(precision registry.Precision, year int, month time.Month, day int) registry.Birth {
	return registry.Birth{Date: date(year, month, day), Precision: precision}
}

func TestParseBirth(t *testing.T) {
	t.Parallel()
	const (
		exact    = registry.PrecisionDay
		month    = registry.PrecisionMonth
		year     = registry.PrecisionYear
		estimate = registry.PrecisionEstimate
	)
	march12 := known(exact, 2021, 3, 12)
	tests := map[string]struct {
		texts []string
		want  registry.Birth
	}{
		"a day": {[]string{
			"12/3/2021", "12-03-2021", "12.3.2021", "12 3 2021", "12 / 3 / 2021", "2021-03-12", "2021/3/12", "12/3/21", "12.3.21",
			"12 March 2021", "12 mar 2021", "March 12, 2021", "12th of March 2021", "12-Mar-2021", "12 march 21", "born 12/3/2021",
			"١٢/٣/٢٠٢١", "۱۲/۳/۲۰۲۱", "12 مارس 2021", "١٢ آذار ٢٠٢١", "مواليد ١٢/٣/٢٠٢١", "\u200f12/3/2021\u200f", "12–3–2021",
		}, march12},
		"a leap day":   {[]string{"29/2/2024", "2024-02-29"}, known(exact, 2024, 2, 29)},
		"today":        {[]string{"today", "اليوم", "31/3/2026"}, known(exact, 2026, 3, 31)},
		"yesterday":    {[]string{"yesterday", "إمبارح", "أمس"}, known(exact, 2026, 3, 30)},
		"last century": {[]string{"1/1/1999", "1/1/99"}, known(exact, 1999, 1, 1)},
		"a month": {[]string{
			"3/2021", "03/2021", "3-2021", "3.2021", "3 2021", "2021-03", "3/21", "March 2021", "mar. 2021", "Mar-2021", "in March 2021",
			"٣/٢٠٢١", "مارس 2021", "شهر 3 2021", "شهر مارس 2021", "month 3 2021",
		}, known(month, 2021, 3, 1)},
		"a Levantine month": {[]string{"تشرين الثاني 2020", "نوفمبر ٢٠٢٠"}, known(month, 2020, 11, 1)},
		"a year":            {[]string{"2021", "٢٠٢١", "in 2021", "year 2021", "سنة 2021", "مواليد 2021", "about 2021"}, known(year, 2021, 1, 1)},
		"this year":         {[]string{"2026"}, known(year, 2026, 1, 1)},
		"about a day":       {[]string{"about 12/3/2021", "~2021-03-12", "حوالي 12/3/2021"}, known(estimate, 2021, 3, 12)},
		"years": {[]string{
			"2y", "2 y", "2yrs", "2 years", "2 Years old", "2YO", "2 y/o", "2 yrs.", "2-year-old", "two years", "about 2 years", "2 years ago",
			"24 months", "24m", "٢ سنة", "سنتين", "عامين", "2 سنين", "عمره سنتين", "اتنين سنين", "سنتين تقريبًا", "2س",
		}, known(estimate, 2024, 3, 31)},
		"a year old": {[]string{"1y", "a year", "one year", "1 year old", "سنة", "سنه", "سنة واحدة", "عام", "12 شهر"}, known(estimate, 2025, 3, 31)},
		"a year and a half": {[]string{
			"1.5 years", "1,5 years", "1½ years", "a year and a half", "year and a half", "1 and a half years", "1 year 6 months", "18m", "1y6m",
			"1y 6m", "1 year, 6 months", "1 year and 6 months", "سنة ونص", "سنة ونصف", "سنه و نص", "سنة و 6 شهور", "سنة و٦ أشهر", "١٫٥ سنة",
		}, known(estimate, 2024, 9, 30)},
		"two years, three months": {[]string{
			"2 years 3 months", "2y3m", "2y+3m", "سنتين وتلات شهور", "سنتين و3 شهور", "سنتين وربع",
		}, known(estimate, 2023, 12, 31)},
		"three years": {[]string{"3 سنوات", "٣ سنوات", "تلات سنين", "ثلاث سنوات"}, known(estimate, 2023, 3, 31)},
		"six months": {[]string{
			"6 months", "6m", "6 mo", "half a year", "half year", "½ year", "0.5 years", "٦ شهور", "6 أشهر", "ستة اشهر", "نص سنة", "نصف سنة", "6ش",
		}, known(estimate, 2025, 9, 30)},
		"two months":       {[]string{"2 months", "شهرين"}, known(estimate, 2026, 1, 31)},
		"a month old":      {[]string{"1 month", "a month", "شهر", "شهر واحد"}, known(estimate, 2026, 2, 28)},
		"month and a half": {[]string{"a month and a half", "1.5 months", "شهر ونص"}, known(estimate, 2026, 2, 13)},
		"weeks":            {[]string{"3w", "3 weeks", "3 wks old", "٣ أسابيع", "21 days", "٢١ يوم"}, known(estimate, 2026, 3, 10)},
		"two weeks":        {[]string{"2 weeks", "أسبوعين", "اسبوعان"}, known(estimate, 2026, 3, 17)},
		"a week":           {[]string{"a week", "أسبوع", "7d"}, known(estimate, 2026, 3, 24)},
		"days":             {[]string{"10 days", "10d", "١٠ أيام", "عشرة أيام"}, known(estimate, 2026, 3, 21)},
		"a day old":        {[]string{"1 day", "يوم"}, known(estimate, 2026, 3, 30)},
		"newborn":          {[]string{"0 days"}, known(estimate, 2026, 3, 31)},
		"a tortoise":       {[]string{"110 years"}, known(estimate, 1916, 3, 31)},
		"unknown": {[]string{
			"unknown", "Unknown.", "?", "???", "؟", "n/a", "don't know", "don’t know", "I don't know", "مش معروف", "غير معروف", "معرفش", "لا أعرف",
		}, registry.Birth{}},
	}
	for name, test := range tests {
		for _, text := range test.texts {
			t.Run(name+": "+text, func(t *testing.T) {
				t.Parallel()
				got, err := registry.ParseBirth(text, today)
				checkParsed(t, got, test.want, err, registry.FieldBirth, "")
			})
		}
	}
}

func TestParseBirthRefuses(t *testing.T) {
	t.Parallel()
	tests := map[registry.Reason][]string{
		registry.ReasonEmpty:      {"", "  ", "\u200f"},
		registry.ReasonUnreadable: {"2y\xff"},
		registry.ReasonFuture:     {"1/4/2026", "2027", "4/2026", "2026-12-31", "1/1/27", "December 2026", "١/٤/٢٠٢٦", "3000"},
		registry.ReasonImpossible: {
			"31/2", "31/2/2021", "29/2/2023", "2021-02-30", "0/3/2021", "12/0/2021", "13/2021", "0/2021", "3/25/2021", "31 April 2021", "٣١/٢",
			"13/14", "0/0/2021",
		},
		registry.ReasonTooLongAgo: {"1850", "1/1/1850", "121 years", "5000 weeks and 5000 weeks", "99999999999999999999 years", "2021 years", "0000"},
		registry.ReasonNoUnit:     {"2", "٢", "1.5", "10", "150"},
		registry.ReasonNoYear:     {"12/3", "29/2", "12 March", "March", "march 12", "مارس", "12 مارس"},
		registry.ReasonNotUnderstood: {
			"young", "صغير", "old", "years", "-2 years", "2 years 3", "2 3 years", "12/3/202", "12/3/2021/4", "2021 2022", "march may 2021",
			"2-3 years", "🐶", "12032021", "half", "two", "and", ",", "2y and", "سنة سنة سنة شيء", "~", "12 march 2021 2 2",
		},
	}
	for reason, texts := range tests {
		for _, text := range texts {
			t.Run(string(reason)+": "+text, func(t *testing.T) {
				t.Parallel()
				got, err := registry.ParseBirth(text, today)
				checkParsed(t, got, registry.Birth{}, err, registry.FieldBirth, reason)
			})
		}
	}
}

func TestAge(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		birth registry.Birth
		want  registry.Age
	}{
		{"to the day", known(registry.PrecisionDay, 2021, 3, 12), registry.Age{Years: 5, Days: 19, TotalDays: 1845}},
		{"birthday", known(registry.PrecisionDay, 2025, 3, 31), registry.Age{Years: 1, TotalDays: 365}},
		{"a day short of it", known(registry.PrecisionDay, 2025, 4, 1), registry.Age{Months: 11, Days: 30, TotalDays: 364}},
		{"born today", known(registry.PrecisionDay, 2026, 3, 31), registry.Age{}},
		{"eight weeks", known(registry.PrecisionDay, 2026, 2, 3), registry.Age{Months: 1, Days: 28, TotalDays: 56}},
		{"born on a leap day", known(registry.PrecisionDay, 2024, 2, 29), registry.Age{Years: 2, Months: 1, Days: 2, TotalDays: 761}},
		{"by the month", known(registry.PrecisionMonth, 2021, 5, 1), registry.Age{Years: 4, Months: 10}},
		{"this month", known(registry.PrecisionMonth, 2026, 3, 1), registry.Age{}},
		{"by the year", known(registry.PrecisionYear, 2021, 1, 1), registry.Age{Years: 5, Approximate: true}},
		{"estimate", known(registry.PrecisionEstimate, 2024, 3, 31), registry.Age{Years: 2, TotalDays: 730, Approximate: true}},
		{"clock set back", known(registry.PrecisionDay, 2026, 4, 1), registry.Age{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, ok := test.birth.Age(today)
			if !ok || got != test.want {
				t.Errorf("got %+v, %v; want %+v", got, ok, test.want)
			}
		})
	}
	if _, ok := (registry.Birth{}).Age(today); ok {
		t.Error("an unknown birthday has an age")
	}
}

func anyDay(t *rapid.T, label string) time.Time {
	return date(2000, 1, 1).AddDate(0, 0, rapid.IntRange(0, 36_500).Draw(t, label))
}

func TestBirthReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		day := anyDay(t, "today")
		born := day.AddDate(0, 0, -rapid.IntRange(0, 119*365).Draw(t, "days"))
		births := []registry.Birth{
			{},
			{Date: born, Precision: registry.PrecisionDay},
			{Date: born, Precision: registry.PrecisionEstimate},
			{Date: date(born.Year(), born.Month(), 1), Precision: registry.PrecisionMonth},
			{Date: date(born.Year(), 1, 1), Precision: registry.PrecisionYear},
		}
		for _, birth := range births {
			if got, err := registry.ParseBirth(birth.String(), day); err != nil || got != birth {
				t.Fatalf("%v read as %v, %v", birth, got, err)
			}
		}
	})
}

// An age that is told is the age that is shown, on every day of the calendar.
func TestToldAgeIsShown(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		day := anyDay(t, "today")
		years, months := rapid.IntRange(0, 90).Draw(t, "years"), rapid.IntRange(0, 11).Draw(t, "months")
		texts := []string{
			fmt.Sprintf("%dy %dm", years, months),
			fmt.Sprintf("%d years and %d months", years, months),
			arabicDigits(fmt.Sprintf("%d سنة و %d شهر", years, months)),
		}
		for _, text := range texts {
			birth, err := registry.ParseBirth(text, day)
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			if age, _ := birth.Age(day); age.Years != years || age.Months != months || !age.Approximate {
				t.Fatalf("%q on %s is %v, shown as %+v", text, day.Format(time.DateOnly), birth, age)
			}
		}
	})
}

func FuzzParseBirth(f *testing.F) {
	for _, seed := range []string{
		"2y", "2 years 3 months", "12/3/2021", "2021-03-12", "3/21", "2021", "12 March 2021", "سنة ونص", "٦ شهور", "12 كانون الثاني 2021",
		"~2021-03-12", "?", "2½", "31/2", "1850", "a year and a half", "99999999999999999999y", "و", "y.o", "1.5", "\xff", "half a", "2 and",
	} {
		f.Add(seed, int64(20_000))
	}
	f.Fuzz(func(t *testing.T, text string, days int64) {
		day := date(2000, 1, 1).AddDate(0, 0, int(uint64(days)%60_000))
		birth, err := registry.ParseBirth(text, day)
		checkRefusal(t, err, registry.FieldBirth)
		if err != nil {
			return
		}
		if birth.Date.After(day) || birth.Known() && birth.Date.Before(day.AddDate(-registry.MaxAgeYears, 0, -1)) {
			t.Errorf("%q on %s is %v", text, day.Format(time.DateOnly), birth)
		}
		if again, err := registry.ParseBirth(birth.String(), day); err != nil || again != birth {
			t.Errorf("%v reads back as %v, %v", birth, again, err)
		}
		if age, ok := birth.Age(day); ok != birth.Known() || age.Years < 0 || age.Months < 0 || age.Days < 0 || age.TotalDays < 0 {
			t.Errorf("%v has the age %+v", birth, age)
		}
	})
}
