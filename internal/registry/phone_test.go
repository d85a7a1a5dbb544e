package registry_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/nyaruka/phonenumbers"
	"pgregory.net/rapid"

	"vetalyze/internal/registry"
)

func TestParsePhone(t *testing.T) {
	t.Parallel()
	const mobile = "+201001234567"
	tests := []struct {
		name, text, country string
		want                string
		reason              registry.Reason
	}{
		{name: "mobile as at home", text: "01001234567", want: mobile},
		{name: "spaces", text: "0100 123 4567", want: mobile},
		{name: "dashes", text: "0100-123-4567", want: mobile},
		{name: "unbreakable dashes and spaces", text: "0100\u00a0123\u20114567", want: mobile},
		{name: "dots", text: "0100.123.4567", want: mobile},
		{name: "parentheses", text: "(0100) 123-4567", want: mobile},
		{name: "without leading zero", text: "1001234567", want: mobile},
		{name: "calling code", text: "+20 100 123 4567", want: mobile},
		{name: "calling code without plus", text: "20 100 123 4567", want: mobile},
		{name: "00 for plus", text: "0020 100 123 4567", want: mobile},
		{name: "plus two", text: "+2 0100 123 4567", want: mobile},
		{name: "zero kept after calling code", text: "+20 (0) 100 123 4567", want: mobile},
		{name: "plus typed last", text: "201001234567+", want: mobile},
		{name: "tel link", text: "tel:+201001234567", want: mobile},
		{name: "Arabic-Indic digits", text: "٠١٠٠ ١٢٣ ٤٥٦٧", want: mobile},
		{name: "Persian digits", text: "۰۱۰۰۱۲۳۴۵۶۷", want: mobile},
		{name: "full-width digits", text: "＋２０１００１２３４５６７", want: mobile},
		{name: "invisible marks as address books paste them", text: "\u202a+20 100 123 4567\u202c\u200f", want: mobile},
		{name: "line breaks around", text: "\n0100 123\n4567\t", want: mobile},
		{name: "011", text: "01112345678", want: "+201112345678"},
		{name: "012", text: "01212345678", want: "+201212345678"},
		{name: "015", text: "01512345678", want: "+201512345678"},
		{name: "Cairo landline", text: "02 2345 6789", want: "+20223456789"},
		{name: "Alexandria landline", text: "(03) 4861234", want: "+2034861234"},
		{name: "Saudi mobile", text: "050 123 4567", country: "SA", want: "+966501234567"},
		{name: "Emirati mobile", text: "0501234567", country: "AE", want: "+971501234567"},
		{name: "Kuwaiti mobile", text: "5001 2345", country: "KW", want: "+96550012345"},

		{name: "nothing", text: "", reason: registry.ReasonEmpty},
		{name: "only spaces and marks", text: " \u200f\u00a0\n", reason: registry.ReasonEmpty},
		{name: "broken UTF-8", text: "0100\xff1234567", reason: registry.ReasonUnreadable},
		{name: "words", text: "call me", reason: registry.ReasonNotNumber},
		{name: "Arabic words", text: "معرفش", reason: registry.ReasonNotNumber},
		{name: "words around", text: "phone 01001234567", reason: registry.ReasonNotNumber},
		{name: "only punctuation", text: "+-()", reason: registry.ReasonNotNumber},
		{name: "plus within", text: "0100+1234567", reason: registry.ReasonNotNumber},
		{name: "extension", text: "02 2345 6789 ext. 12", reason: registry.ReasonExtension},
		{name: "extension by x", text: "0223456789x12", reason: registry.ReasonExtension},
		{name: "extension by hash", text: "0223456789#12", reason: registry.ReasonExtension},
		{name: "extension in a link", text: "tel:+20223456789;ext=12", reason: registry.ReasonExtension},
		{name: "extension in Arabic", text: "٠٢٢٣٤٥٦٧٨٩ تحويلة ١٢", reason: registry.ReasonExtension},
		{name: "one digit", text: "1", reason: registry.ReasonTooShort},
		{name: "mobile with a digit forgotten", text: "0100123456", reason: registry.ReasonTooShort},
		{name: "the same with calling code", text: "+20 100 123 456", reason: registry.ReasonTooShort},
		{name: "hotline", text: "19123", reason: registry.ReasonTooShort},
		{name: "mobile with a digit too many", text: "010012345678", reason: registry.ReasonTooLong},
		{name: "fifty digits", text: fmt.Sprintf("%050d", 1), reason: registry.ReasonTooLong},
		{name: "no such network", text: "01301234567", reason: registry.ReasonNoSuchNumber},
		{name: "only zeros", text: "00000000000", reason: registry.ReasonNoSuchNumber},
		{name: "Saudi number", text: "+966 50 123 4567", reason: registry.ReasonWrongCountry},
		{name: "Saudi number by 00", text: "00966501234567", reason: registry.ReasonWrongCountry},
		{name: "Saudi number without plus", text: "966501234567", reason: registry.ReasonWrongCountry},
		{name: "American number", text: "+1 202 555 0123", reason: registry.ReasonWrongCountry},
		{name: "calling code of nobody", text: "+999 123 456 789", reason: registry.ReasonWrongCountry},
		{name: "Egyptian number in Kuwait", text: "+20 100 123 4567", country: "KW", reason: registry.ReasonWrongCountry},
		{name: "Canadian number in America", text: "+1 416 555 0123", country: "US", reason: registry.ReasonWrongCountry},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			country := test.country
			if country == "" {
				country = "EG"
			}
			got, err := registry.ParsePhone(test.text, country)
			checkParsed(t, got, test.want, err, registry.FieldPhone, test.reason)
		})
	}
}

func TestParsePhoneNeedsACountry(t *testing.T) {
	t.Parallel()
	_, err := registry.ParsePhone("01001234567", "Egypt")
	if invalid := (registry.Invalid{}); err == nil || errors.As(err, &invalid) {
		t.Errorf("a country that is none is the caller's mistake, not the user's; got %v", err)
	}
}

func TestShowPhone(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, phone, country, want string }{
		{"at home", "+201001234567", "EG", "010 01234567"},
		{"landline at home", "+20223456789", "EG", "02 23456789"},
		{"abroad", "+201001234567", "SA", "+20 10 01234567"},
		{"not a phone", "none", "EG", "none"},
		{"nothing", "", "EG", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := registry.ShowPhone(test.phone, test.country); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// What is shown can be typed, in every country there is.
func TestShownPhoneReadsBack(t *testing.T) {
	t.Parallel()
	for country := range phonenumbers.GetSupportedRegions() {
		example := phonenumbers.GetExampleNumber(country)
		if example == nil {
			continue
		}
		phone := phonenumbers.Format(example, phonenumbers.E164)
		for _, typed := range []string{phone, registry.ShowPhone(phone, country), registry.ShowPhone(phone, "")} {
			got, err := registry.ParsePhone(typed, country)
			if err != nil || got != phone {
				t.Errorf("%s: %q read as %q, %v; want %q", country, typed, got, err, phone)
			}
		}
	}
}

func TestTypedPhoneReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		national := "1" + rapid.SampledFrom([]string{"0", "1", "2", "5"}).Draw(t, "network") +
			rapid.StringMatching(`[0-9]{8}`).Draw(t, "subscriber")
		prefix := rapid.SampledFrom([]string{"", "0", "20", "+20", "0020", "+200", "+2 0", "tel:+20"}).Draw(t, "prefix")
		typed := prefix + spread(t, national)
		if rapid.Bool().Draw(t, "in Arabic") {
			typed = arabicDigits(typed)
		}
		got, err := registry.ParsePhone(typed, "EG")
		if err != nil || got != "+20"+national {
			t.Fatalf("%q read as %q, %v", typed, got, err)
		}
	})
}

// spread puts marks that mean nothing between the digits.
func spread(t *rapid.T, digits string) string {
	var typed []rune
	marks := rapid.SampledFrom([]string{"", "", "", " ", "-", ".", "\u200f", "\u00a0", ") "})
	for _, d := range digits {
		typed = append(typed, d)
		typed = append(typed, []rune(marks.Draw(t, "mark"))...)
	}
	return string(typed)
}

func arabicDigits(text string) string {
	runes := []rune(text)
	for i, r := range runes {
		if r >= '0' && r <= '9' {
			runes[i] = '٠' + (r - '0')
		}
	}
	return string(runes)
}

func TestParseContact(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name              string
		contact           registry.Contact
		country           string
		wantPhone, wantBy string
		reason            registry.Reason
	}{
		{name: "with plus", contact: registry.Contact{"Ahmed", "Ali", "+201001234567"}, wantPhone: "+201001234567", wantBy: "Ahmed Ali"},
		{name: "without plus", contact: registry.Contact{"أحمد", "", "201001234567"}, wantPhone: "+201001234567", wantBy: "أحمد"},
		{name: "national, from an address book", contact: registry.Contact{"", "Ali", "010 0123 4567"}, wantPhone: "+201001234567", wantBy: "Ali"},
		{name: "a name of emoji is not suggested", contact: registry.Contact{"🐶", "", "201001234567"}, wantPhone: "+201001234567"},
		{name: "another country", contact: registry.Contact{"John", "Doe", "12025550123"}, wantBy: "John Doe", reason: registry.ReasonWrongCountry},
		{name: "no phone", contact: registry.Contact{"John", "Doe", ""}, wantBy: "John Doe", reason: registry.ReasonEmpty},
		{name: "Kuwait without plus", contact: registry.Contact{"Ali", "Ali", "96550012345"}, country: "KW", wantPhone: "+96550012345", wantBy: "Ali Ali"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			country := test.country
			if country == "" {
				country = "EG"
			}
			phone, name, err := registry.ParseContact(test.contact, country)
			checkParsed(t, phone, test.wantPhone, err, registry.FieldPhone, test.reason)
			if name != test.wantBy {
				t.Errorf("name %q, want %q", name, test.wantBy)
			}
		})
	}
}

func FuzzParsePhone(f *testing.F) {
	for _, seed := range []string{
		"0100 123 4567", "+20 100 123 4567", "0020-100-123-4567", "٠١٠٠١٢٣٤٥٦٧", "tel:+20223456789;ext=12",
		"+966501234567", "\u202a01001234567\u202c", "19123", "+", "00", "call", "0100\xff", "１２３",
	} {
		f.Add(seed, "EG")
	}
	f.Add("+1 202 555 0123", "US")
	f.Add("06 1234 5678", "IT")
	f.Fuzz(func(t *testing.T, text, country string) {
		phone, err := registry.ParsePhone(text, country)
		if _, contactErr := parseContactPhone(text, country); err == nil && contactErr != nil {
			t.Errorf("%q is a phone when typed and not when shared: %v", text, contactErr)
		}
		if phonenumbers.GetCountryCodeForRegion(country) == 0 {
			return
		}
		checkRefusal(t, err, registry.FieldPhone)
		if err != nil {
			return
		}
		for _, again := range []string{phone, registry.ShowPhone(phone, country)} {
			if got, err := registry.ParsePhone(again, country); err != nil || got != phone {
				t.Errorf("%q read as %q, which as %q reads as %q, %v", text, phone, again, got, err)
			}
		}
	})
}

func parseContactPhone(text, country string) (string, error) {
	phone, _, err := registry.ParseContact(registry.Contact{Phone: text}, country)
	return phone, err
}

// checkParsed compares what a parser returned with a wanted value, or with a wanted refusal.
func checkParsed[T comparable](t *testing.T, got, want T, err error, field registry.Field, reason registry.Reason) {
	t.Helper()
	checkRefusal(t, err, field)
	var wantErr error
	if reason != "" {
		wantErr = registry.Invalid{Field: field, Reason: reason}
	}
	if !errors.Is(err, wantErr) {
		t.Errorf("got %v, %v; want %v, %v", got, err, want, wantErr)
	} else if got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// checkRefusal holds a parser to the closed list of what it may refuse with.
func checkRefusal(t *testing.T, err error, fields ...registry.Field) {
	t.Helper()
	if err == nil {
		return
	}
	var invalid registry.Invalid
	if !errors.As(err, &invalid) || !slices.Contains(fields, invalid.Field) || !slices.Contains(registry.Invalids(), invalid) {
		t.Errorf("refused with %v, which is not on the list", err)
	}
}
