package registry_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
)

// searchKeys are texts and how search sees them, in the database and in the tests' own rule.
var searchKeys = map[string]string{
	"":               "",
	"Ahmed  Ali":     "ahmed ali",
	"أَحْمَـــد":     "احمد",
	"فاطمة":          "فاطمه",
	"مصطفى":          "مصطفي",
	"مؤمن":           "مومن",
	"إيمان آدم ٱلله": "ايمان ادم الله",
	"عائشة":          "عايشه",
	"ﻣﺤﻤﺪ":           "محمد", // presentation forms
	"ﷲ":              "الله",
	"گیلان پیتر چارلي ڤيكتور":   "كيلان بيتر جارلي فيكتور",
	"٠١٢٣٤٥٦٧٨٩ ۰۱۲۳۴۵۶۷۸۹":     "0123456789 0123456789",
	"José ÉTÉ Łukasz Ørsted İs": "jose ete lukasz orsted is",
	"José":                      "jose", // decomposed
	"Ａｈｍｅｄ　Ａｌｉ":                 "ahmed ali",
	"O'Neil-Smith, Jr.":         "o neil smith jr",
	`%_\'"<b>&`:                 "b",
	"🐶 Rex❤️":                   "rex",
	"\u202eAhmed\u200f\u2068":   "ahmed",
	"Ah\u00admed":               "ahmed",
	"?!… —":                     "",
	"Ахмед":                     "ахмед",
}

func TestSearchKey(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for text, want := range searchKeys {
		var got string
		d.must(d.mona.Scope(d.db).QueryRow(t.Context(), `SELECT search_key($1)`, text).Scan(&got))
		if got != want {
			t.Errorf("%q is %q in the database, want %q", text, got, want)
		}
		if got := strings.Join(keyWords(text), " "); got != want {
			t.Errorf("%q is %q in the tests' rule, want %q", text, got, want)
		}
	}
}

func TestSearchSound(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, alike := range [][]string{
		{"Ahmed", "Ahmad", "Ahmmed", "أحمد"},
		{"Mohamed", "Mohammed", "Muhammad", "m7md", "محمد"},
		{"Fatma", "Fatima", "Fatimah", "فاطمة"},
		{"Khaled", "Khalid", "5aled", "خالد"},
		{"Shady", "Shadi", "شادي"},
		{"Elsayed", "Sayed", "السيد"},
		{"Abdallah", "Abdulla", "عبدالله"},
		{"Youssef", "Yusuf", "يوسف"},
		{"Max", "ماكس"},
		{"Caesar", "قيصر"},
	} {
		var sounds []string
		for _, word := range alike {
			var sound string
			d.must(d.mona.Scope(d.db).QueryRow(t.Context(), `SELECT search_sound(search_key($1))`, word).Scan(&sound))
			sounds = append(sounds, sound)
		}
		if len(slices.Compact(slices.Clone(sounds))) != 1 || sounds[0] == "" {
			t.Errorf("%q sound %q", alike, sounds)
		}
	}
}

// Of a few names, so that they meet; drawn by everything a search tells apart.
var (
	ownerWords = []string{
		"Ahmed", "Ali", "ahmad", "Aliaa", "Nour", "El-Din", "Noureldin", "Elsayed", "Sayed", "Elham", "ham", "O'Neil", "José", "Abdelrahman", "Abdel", "Rahman", "7amada",
		"أحمد", "احمد", "علي", "على", "عبد", "الرحمن", "عبدالرحمن", "رحمن", "الحسن", "حسن", "آلاء", "فاطمة", "فاطمه", "الي", "مصطفى",
	}
	petWords = []string{"Rex", "Mimi", "Ali", "007", "2", "لولو", "ركس", "Mr.", "أحمد", "201"}
	digits   = []string{"0", "1", "2", "5", "10", "100", "20", "012"}
)

func names(words []string, least, most int) *rapid.Generator[string] {
	return rapid.Map(rapid.SliceOfN(rapid.SampledFrom(words), least, most), func(drawn []string) string { return strings.Join(drawn, " ") })
}

// TestSearchIsAPlainScan holds the search to the rule: for owners and searches at random it finds what looking at every
// owner finds, in that order, page by page forth and back.
func TestSearchIsAPlainScan(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	clinics := int64(1000)
	rapid.Check(t, func(rt *rapid.T) {
		clinics++
		by := d.receptionist(fmt.Sprintf("Mona %d", clinics), "+201000000001", clinics)
		var owners []scanned
		for i := range rapid.IntRange(1, 25).Draw(rt, "owners") {
			owners = append(owners, d.scatter(by, drawOwner(rt, i)))
		}
		for range 5 {
			typed := drawSearch(rt, owners)
			want := scan(owners, typed, "20")
			got, err := d.walk(t, by, typed)
			var invalid registry.Invalid
			if errors.As(err, &invalid) {
				if invalid.Reason != registry.ReasonTooLong && len(typedWords(typed)) > 0 {
					rt.Fatalf("%q is refused: %v", typed, err)
				}
				continue
			}
			d.must(err)
			if diff := cmp.Diff(want, got); diff != "" {
				rt.Fatalf("%q: a plain scan finds (-), the search (+)\n%s\namong %+v", typed, diff, owners)
			}
		}
	})
}

func drawOwner(rt *rapid.T, i int) scanned {
	number := func(label string) string {
		network := rapid.SampledFrom([]int{0, 1, 2, 5}).Draw(rt, label)
		line := rapid.SampledFrom([]int{1, 100, 20100, 12345678, 10020100, i}).Draw(rt, label)
		return fmt.Sprintf("+201%d%08d", network, line)
	}
	owner := scanned{name: names(ownerWords, 1, 4).Draw(rt, "name"), phones: []string{number("phone")}}
	if rapid.Bool().Draw(rt, "has a second phone") {
		owner.phones = append(owner.phones, number("second phone"))
	}
	if rapid.Bool().Draw(rt, "has taken another card in") {
		owner.lent = append(owner.lent, number("its phone"))
	}
	for range rapid.IntRange(0, 2).Draw(rt, "pets") {
		pet := scannedPet{name: names(petWords, 1, 2).Draw(rt, "pet")}
		if rapid.Bool().Draw(rt, "has a chip") {
			pet.chip = fmt.Sprintf("982%012d", rapid.SampledFrom([]int{1, 100, 20100}).Draw(rt, "chip"))
		}
		owner.pets = append(owner.pets, pet)
	}
	return owner
}

// scatter writes an owner as it is and returns it with its id and codes.
func (d *desk) scatter(by staff.Member, owner scanned) scanned {
	d.t.Helper()
	second := ""
	if len(owner.phones) > 1 {
		second = owner.phones[1]
	}
	scope := by.Scope(d.db)
	d.must(scope.QueryRow(d.t.Context(), `
		INSERT INTO owners (clinic_id, full_name, phone, second_phone)
		VALUES (app_clinic(), $1, $2, NULLIF($3, ''))
		RETURNING owner_id, code`, owner.name, owner.phones[0], second).Scan(&owner.id, &owner.code))
	for _, phone := range owner.lent {
		d.do(by, `INSERT INTO owners (clinic_id, full_name, phone, merged_into) VALUES (app_clinic(), 'Zeinab', $1, $2)`, phone, owner.id)
	}
	for i, pet := range owner.pets {
		d.must(scope.QueryRow(d.t.Context(), `
			INSERT INTO pets (clinic_id, owner_id, name, species_id, microchip)
			VALUES (app_clinic(), $1, $2, 1, NULLIF($3, ''))
			RETURNING code`, owner.id, pet.name, pet.chip).Scan(&owner.pets[i].code))
	}
	return owner
}

// drawSearch types something that may be found: pieces of what owners have, pieces of words, and anything.
func drawSearch(rt *rapid.T, owners []scanned) string {
	owner := rapid.SampledFrom(owners).Draw(rt, "somebody")
	piece := rapid.Custom(func(rt *rapid.T) string {
		switch rapid.IntRange(0, 9).Draw(rt, "piece") {
		case 0:
			return owner.name
		case 1:
			phone := rapid.SampledFrom(append(slices.Clone(owner.phones), owner.lent...)).Draw(rt, "phone")
			whole := rapid.SampledFrom([]string{phone, "0" + phone[3:], "00" + phone[1:], phone[3:]}).Draw(rt, "written")
			return whole[:rapid.IntRange(2, len(whole)).Draw(rt, "digits")]
		case 2:
			phone := rapid.SampledFrom(append(slices.Clone(owner.phones), owner.lent...)).Draw(rt, "phone")
			return phone[len(phone)-rapid.IntRange(1, 8).Draw(rt, "digits"):]
		case 3:
			return names(digits, 1, 3).Draw(rt, "numbers")
		case 4:
			return rapid.StringOfN(rapid.RuneFrom([]rune(`%_\'".?ـً🐶 aا1`)), 0, 6, -1).Draw(rt, "anything")
		}
		word := []rune(rapid.SampledFrom(slices.Concat(ownerWords, petWords, strings.Fields(owner.name))).Draw(rt, "word"))
		return string(word[:rapid.IntRange(1, len(word)).Draw(rt, "letters")])
	})
	switch rapid.IntRange(0, 9).Draw(rt, "search") {
	case 0:
		if len(owner.pets) > 0 {
			return strings.ToLower(owner.pets[0].code)
		}
		return owner.code
	case 1:
		return strings.ToUpper(strings.ReplaceAll(owner.name, " ", ""))
	}
	between := rapid.SampledFrom([]string{" ", "  ", "-", ""}).Draw(rt, "between")
	return strings.Join(rapid.SliceOfN(piece, 1, 3).Draw(rt, "pieces"), between)
}

// walk goes through all pages of a search and back, and returns its hits; near matches are none.
func (d *desk) walk(t *testing.T, by staff.Member, typed string) ([]scanHit, error) {
	t.Helper()
	page, err := d.Search(t.Context(), by, typed, registry.Mark{})
	if err != nil || page.Near() {
		return nil, err
	}
	pages := []registry.Found{page}
	for mark, more := page.Later(); more; mark, more = page.Later() {
		if page, err = d.Search(t.Context(), by, typed, mark); err != nil {
			return nil, err
		}
		pages = append(pages, page)
	}
	for i := len(pages) - 2; i >= 0; i-- {
		mark, ok := page.Earlier()
		if !ok {
			t.Fatalf("%q: no way back from %d of %d", typed, page.From, page.Total)
		}
		if page, err = d.Search(t.Context(), by, typed, mark); err != nil {
			return nil, err
		}
		if diff := cmp.Diff(pages[i], page); diff != "" {
			t.Fatalf("%q: page %d on the way there (-) and back (+)\n%s", typed, i+1, diff)
		}
	}
	if _, ok := page.Earlier(); ok {
		t.Fatalf("%q: a page before the first", typed)
	}
	var hits []scanHit
	for _, page := range pages {
		if len(page.Hits) > 0 && page.From != len(hits)+1 {
			t.Fatalf("%q: the page of %d says %d", typed, len(hits)+1, page.From)
		}
		for _, hit := range page.Hits {
			hits = append(hits, scanHit{hit.ID, hit.Match})
		}
	}
	if pages[0].Total != len(hits) {
		t.Fatalf("%q: %d hits, and it says %d", typed, len(hits), pages[0].Total)
	}
	return hits, nil
}
