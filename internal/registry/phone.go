package registry

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// maxPhoneDigits is E.164's 15 digits and the two that may stand before them ("00").
const maxPhoneDigits = 17

// extension matches what follows a number when a switchboard is asked for a desk, in folded text.
var extension = regexp.MustCompile(`^(;\s*)?(ext|extn|extension|x|#|,|;|تحويله|داخلي|فرعي)[\s.:=]*\d`)

// ParsePhone reads a phone number typed in any usual way in a clinic of the country (an ISO code such as "EG") and
// returns it as E.164. A number of another country is refused, whether it is marked by a plus or just so long
// that it can only be one; so is an extension, for nothing could dial it later.
func ParsePhone(text, country string) (string, error) {
	if phonenumbers.GetCountryCodeForRegion(country) == 0 {
		return "", fmt.Errorf("parse phone: no numbering plan for country %q", country)
	}
	dialled, reason := dial(text)
	if reason != "" {
		return "", Invalid{FieldPhone, reason}
	}
	return phoneOf(dialled, country)
}

// ShowPhone writes an E.164 number as people write it: the national way in its own country, with the country's
// calling code elsewhere. What is not a phone number is returned as it is.
func ShowPhone(phone, country string) string {
	number, err := phonenumbers.Parse(phone, "")
	if err != nil {
		return phone
	}
	if phonenumbers.GetRegionCodeForNumber(number) == country {
		return phonenumbers.Format(number, phonenumbers.NATIONAL)
	}
	return phonenumbers.Format(number, phonenumbers.INTERNATIONAL)
}

// dial reduces typed text to the keys one would press, a leading plus included, or says why it cannot.
func dial(text string) (string, Reason) {
	text, ok := clean(text)
	if !ok {
		return "", ReasonUnreadable
	}
	rest := strings.TrimSpace(strings.TrimPrefix(fold(text), "tel:"))
	if rest == "" {
		return "", ReasonEmpty
	}
	var keys strings.Builder
	for i, r := range rest {
		switch {
		case r >= '0' && r <= '9', r == '+':
			keys.WriteRune(r)
		case unicode.In(r, unicode.Zs, unicode.Pd) || strings.ContainsRune(".()[]/_·−", r):
		case hasDigit(keys.String()) && extension.MatchString(rest[i:]):
			return "", ReasonExtension
		default:
			return "", ReasonNotNumber
		}
	}
	return arrange(keys.String())
}

// arrange brings the plus to the front, where "00" may stand for it, and counts the digits.
func arrange(keys string) (string, Reason) {
	digits := strings.Trim(keys, "+") // among right-to-left text the plus is often typed last
	switch {
	case digits == "" || strings.Contains(digits, "+"):
		return "", ReasonNotNumber
	case len(digits) > maxPhoneDigits:
		return "", ReasonTooLong
	case len(digits) < len(keys):
		return "+" + digits, ""
	case strings.HasPrefix(digits, "00"):
		return "+" + digits[2:], ""
	}
	return digits, ""
}

func phoneOf(dialled, country string) (string, error) {
	number, err := phonenumbers.Parse(dialled, country)
	switch {
	case err != nil && strings.HasPrefix(dialled, "+0"):
		return "", Invalid{FieldPhone, ReasonNoSuchNumber}
	case err != nil && strings.HasPrefix(dialled, "+") && len(dialled) > 7:
		return "", Invalid{FieldPhone, ReasonWrongCountry} // a calling code no country has
	case err != nil:
		return "", Invalid{FieldPhone, ReasonTooShort}
	case phonenumbers.IsValidNumberForRegion(number, country):
		return phonenumbers.Format(number, phonenumbers.E164), nil
	case foreign(number, dialled, country):
		return "", Invalid{FieldPhone, ReasonWrongCountry}
	}
	return "", Invalid{FieldPhone, lengthReason(number, country)}
}

// foreign reports whether the number, not valid in the country, is another country's: by the calling code it is
// written with, or because it would be valid there had a plus been typed.
func foreign(number *phonenumbers.PhoneNumber, dialled, country string) bool {
	if int(number.GetCountryCode()) != phonenumbers.GetCountryCodeForRegion(country) {
		return true
	}
	if phonenumbers.IsValidNumber(number) {
		return true // another country with the same calling code
	}
	if strings.HasPrefix(dialled, "+") {
		return false
	}
	abroad, err := phonenumbers.Parse("+"+dialled, "")
	return err == nil && phonenumbers.IsValidNumber(abroad)
}

// lengthReason says what is wrong with a number of the country that is not valid. A number that one or two more
// digits would make valid is too short, also where some other kind of number has its length: a mobile number
// with a digit forgotten is as long as a landline's.
func lengthReason(number *phonenumbers.PhoneNumber, country string) Reason {
	switch phonenumbers.IsPossibleNumberWithReason(number) {
	case phonenumbers.TOO_LONG:
		return ReasonTooLong
	case phonenumbers.IS_POSSIBLE:
	default:
		return ReasonTooShort
	}
	e164 := phonenumbers.Format(number, phonenumbers.E164)
	for _, missing := range []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "00", "22", "55"} {
		longer, err := phonenumbers.Parse(e164+missing, "")
		if err == nil && phonenumbers.IsValidNumberForRegion(longer, country) {
			return ReasonTooShort
		}
	}
	return ReasonNoSuchNumber
}

// Contact is a contact shared in Telegram, the sender's own or one from the address book; Telegram writes
// the phone with or without its plus, and address books hold national numbers too.
type Contact struct {
	FirstName string
	LastName  string
	Phone     string
}

// ParseContact reads a shared contact: its phone for a clinic of the country, and its name as a suggestion,
// empty where it would not do as an owner's. The name stands also when the phone is refused.
func ParseContact(contact Contact, country string) (phone, name string, err error) {
	name, nameErr := ParseName(contact.FirstName + " " + contact.LastName)
	if nameErr != nil {
		name = ""
	}
	if dialled, reason := dial(contact.Phone); reason == "" && dialled[0] != '+' && dialled[0] != '0' {
		if phone, err = ParsePhone("+"+dialled, country); err == nil {
			return phone, name, nil
		}
	}
	phone, err = ParsePhone(contact.Phone, country)
	return phone, name, err
}
