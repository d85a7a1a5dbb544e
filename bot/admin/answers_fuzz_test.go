package admin

import (
	"context"
	"errors"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"vetalyze/bot/chat"
	"vetalyze/bot/form"
	"vetalyze/internal/dialog"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

// accepted are the answers of the admins' forms that need no database, and the rule that what is kept follows: that of
// the column it goes into.
var accepted = map[string]struct {
	accept func(context.Context, form.Step, string) error
	rule   func(kept string) bool
}{
	"comment": {acceptComment, func(kept string) bool {
		return utf8.RuneCountInString(kept) <= subscription.MaxComment && strings.TrimSpace(kept) == kept
	}},
	"email": {acceptEmail, func(kept string) bool {
		return regexp.MustCompile(`^[^@\s]+@[^@\s]+$`).MatchString(kept) && utf8.RuneCountInString(kept) <= 254
	}},
	"links": {acceptLinks, func(kept string) bool {
		links := strings.Fields(kept)
		for _, link := range links {
			if !strings.HasPrefix(link, "http://") && !strings.HasPrefix(link, "https://") {
				return false
			}
		}
		return len(links) <= maxLinks
	}},
	"location":  {acceptLocation, plainLine(1, 500)},
	"reference": {acceptReference, plainLine(1, subscription.MaxReference)},
	"name":      {nameField("name", longPlan).Accept, plainLine(2, longPlan)},
	"days":      {acceptNumber("days", 1, 3660), between(1, 3660)},
	"accounts":  {acceptNumber("accounts", 0, 10000), between(0, 10000)},
	"code":      {acceptCode("code", 2, "admin.country.code.not"), regexp.MustCompile(`^[A-Z]{2}$`).MatchString},
	"zone": {acceptZone, func(kept string) bool {
		_, err := time.LoadLocation(kept)
		return err == nil
	}},
	"emoji": {acceptEmoji, func(kept string) bool {
		return utf8.RuneCountInString(kept) <= 8 && !strings.ContainsAny(kept, "<>&\x00\n")
	}},
}

// plainLine is what is_plain holds a text to.
func plainLine(least, most int) func(string) bool {
	hidden := regexp.MustCompile(`[\x{0}-\x{1F}\x{7F}-\x{9F}\x{2028}\x{2029}\x{202A}-\x{202E}\x{2066}-\x{2069}]`)
	return func(kept string) bool {
		n := utf8.RuneCountInString(kept)
		return n >= least && n <= most && strings.Trim(kept, " ") == kept && !hidden.MatchString(kept)
	}
}

func between(least, most int) func(string) bool {
	return func(kept string) bool {
		n, err := strconv.Atoi(kept)
		return err == nil && n >= least && n <= most && strconv.Itoa(n) == kept
	}
}

// FuzzAnswers types whatever into the admins' forms. What is taken follows its column's rule and is taken again as it is
// kept; what is refused has words for it in both languages.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{
		"", " ", "500", "-5", "1e9", "٧", "3,660", "3660.0", "1 000", "0007", "+7", "info@paws.example", "a@b", "A <a@b.c>", "a@b.c\n", "@", "\"a b\"@c.d",
		"paws.example", "https://x.y/z?a=b&c", "javascript:alert(1)", "http://u:p@h.i", "ftp://a.b", "//a.b", "https://a.b\u202e", "http://[::1]", "a.b, c.d؛ e.f",
		"Cairo, 5 Tahrir Sq.", "شارع\nالتحرير", "eg", "EGY", "Ég", "Africa/Cairo", "africa/cairo", "../etc/passwd", "Etc/GMT+1", "posix/Africa/Cairo", "🐶", "<b>", "🐶🐶🐶🐶🐶🐶🐶🐶🐶",
		"ok\u202e", "\u200f", "\xff", "a\x00b", strings.Repeat("x", 1001), "Yearly", "سنوي", "\u2066x\u2069",
	} {
		f.Add(seed)
	}
	texts, err := chat.LoadTexts(os.DirFS("../locales"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		for name, field := range accepted {
			step := form.Step{Item: dialog.Item{}}
			if err := field.accept(t.Context(), step, typed); err != nil {
				wordsFor(t, texts, name, typed, err)
				continue
			}
			if len(step.Item) != 1 {
				t.Errorf("%s %q is kept as %v", name, typed, step.Item)
			}
			for key, kept := range step.Item {
				again := form.Step{Item: dialog.Item{}}
				if err := field.accept(t.Context(), again, kept); err != nil || again.Item[key] != kept {
					t.Errorf("%s %q is kept as %q, and that as %q: %v", name, typed, kept, again.Item[key], err)
				}
				if !field.rule(kept) || !utf8.ValidString(kept) || kept == "" {
					t.Errorf("%s %q is kept as %q, against the rule", name, typed, kept)
				}
			}
		}
	})
}

// wordsFor holds that a refusal can be told in both languages.
func wordsFor(t *testing.T, texts *chat.Texts, name, typed string, err error) {
	t.Helper()
	var refusal *form.Refusal
	if !errors.As(err, &refusal) {
		t.Errorf("%s %q fails: %v", name, typed, err)
		return
	}
	for _, language := range chat.Languages() {
		if words := texts.In(language).Text(refusal.Key, refusal.Args); words == "" || strings.Contains(string(words), "⟦") || strings.Contains(string(words), "<no value>") {
			t.Errorf("%s %q is refused by %s, in %s: %s", name, typed, refusal.Key, language, words)
		}
	}
}

// FuzzDay reads a day as it is typed, and its ISO form as the same.
func FuzzDay(f *testing.F) {
	for _, seed := range []string{
		"15/4/2026", "٢٠٢٦-٤-١٥", "tomorrow", "بكرة", "yesterday", "31/2/2026", "29.2.2028", "15 April 2026", "1/1/0001", "9999-12-31", "99999-1-1", "", "\xff", "2026-4-15T00:00",
		"\u200f15/4/2026\u2069", "１５/４/２０２６",
	} {
		f.Add(seed)
	}
	today := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, typed string) {
		day, ok := parseDay(typed, today)
		if !ok {
			if !day.IsZero() {
				t.Errorf("%q is no day, and %v", typed, day)
			}
			return
		}
		again, ok := parseDay(day.Format(time.DateOnly), today)
		kept, err := isoDay(day.Format(time.DateOnly))
		if !ok || !again.Equal(day) || err != nil || !kept.Equal(day) || day.Location() != time.UTC || !day.Equal(day.Truncate(24*time.Hour)) {
			t.Errorf("%q is %v, written and read again %v and %v: %v", typed, day, again, kept, err)
		}
	})
}

// FuzzButtons reads what a hostile admin sends as the data of the lists' buttons: it is written the same again, and every
// button of the page fits.
func FuzzButtons(f *testing.F) {
	for _, seed := range []string{
		"", ":::", "2:7:1f:cairo", "99:zz:zz:x", "-1:-1:-1:", "1:1y2p0ij32e8e7:1y2p0ij32e8e7:" + strings.Repeat("ع", 40), ":::a:b:c", "0::: a  b ", ":::\x00", ":::\xff",
		"1f:2a:3:4", "1y2p0ij32e8e7:1:1:1", "2gosa7pa2gv:1:1:zik0zj", "0:0:0:0",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		v := readView(data)
		if again := readView(v.data()); again.data() != v.data() {
			t.Errorf("%q is %+v, written and read again %+v", data, v, again)
		}
		if card := chat.Data(routeClinics, actCard, short(1<<40), v.data()); len(card) > 64 || !utf8.ValidString(card) {
			t.Errorf("%q makes a button's data of %d bytes: %q", data, len(card), card)
		}
		if v.plan < 0 || v.at.ClinicID < 0 || v.status != "" && !contains(staff.ClinicStatuses(), v.status) || strings.ContainsRune(v.text, 0) {
			t.Errorf("%q is %+v", data, v)
		}
		at := readCursor(data)
		if again := readCursor(cursor(at)); !again.At.Equal(at.At) || again.ClinicID != at.ClinicID || again.TermID != at.TermID || again.Seq != at.Seq {
			t.Errorf("%q is the place %+v, written and read again %+v", data, at, again)
		}
		if next := chat.Data(routeChanges, "2026-03", cursor(at)); len(next) > 64 {
			t.Errorf("%q makes a button's data of %d bytes", data, len(next))
		}
		if id := long(data); id < 0 || id > 0 && long(short(id)) != id {
			t.Errorf("%q is the id %d, which is written %q", data, id, short(id))
		}
	})
}

func contains(all []staff.ClinicStatus, one staff.ClinicStatus) bool {
	for _, status := range all {
		if status == one {
			return true
		}
	}
	return false
}
