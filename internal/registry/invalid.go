package registry

// Invalid is an answer that cannot be taken as it stands. It carries no words for the user:
// the pair of field and reason is the key of the sentence that tells what to type instead.
type Invalid struct {
	Field  Field
	Reason Reason
}

// Error names the pair, for logs.
func (i Invalid) Error() string { return "invalid " + string(i.Field) + ": " + string(i.Reason) }

// Field is what an answer was meant for.
type Field string

// The fields an answer is refused for.
const (
	FieldName    Field = "name"     // an owner's full name
	FieldPetName Field = "pet_name" // a pet's name
	FieldPhone   Field = "phone"
	FieldBirth   Field = "birth" // a birthday or an age
	FieldCode    Field = "code"  // an owner's or a pet's
	FieldPets    Field = "pets"  // the list of pets of one registration
	FieldText    Field = "text"  // a part of a longer message that fits nowhere
	FieldSearch  Field = "search"

	FieldBreed     Field = "breed"
	FieldColour    Field = "colour"
	FieldMicrochip Field = "microchip"
	FieldWeight    Field = "weight"
	FieldAlert     Field = "alert"
	FieldNote      Field = "note"
	FieldPhoto     Field = "photo"
	FieldDay       Field = "day" // a day that has been
)

// Reason is why an answer is refused.
type Reason string

// The reasons, each for the fields that [Invalids] pairs it with.
const (
	ReasonUnreadable    Reason = "unreadable"     // not text at all: broken UTF-8
	ReasonEmpty         Reason = "empty"          // nothing visible was typed
	ReasonTooShort      Reason = "too_short"      // too few characters or digits
	ReasonTooLong       Reason = "too_long"       // too many characters or digits
	ReasonNoLetter      Reason = "no_letter"      // only digits, emoji or punctuation where a name is wanted
	ReasonNotNumber     Reason = "not_a_number"   // words where a phone number is wanted
	ReasonExtension     Reason = "extension"      // a phone number with an extension
	ReasonWrongCountry  Reason = "wrong_country"  // a good phone number of another country
	ReasonNoSuchNumber  Reason = "no_such_number" // the right length, but no network has such numbers
	ReasonNotUnderstood Reason = "not_understood"
	ReasonNoUnit        Reason = "no_unit"         // "2": years or months?
	ReasonNoYear        Reason = "no_year"         // "12 March": of which year?
	ReasonImpossible    Reason = "impossible_date" // 31/2
	ReasonFuture        Reason = "future"
	ReasonTooLongAgo    Reason = "too_long_ago" // more than [MaxAgeYears] years
	ReasonLookAlike     Reason = "look_alike"   // 0, O, 1, I or L, which no code has
	ReasonTooMany       Reason = "too_many"
	ReasonTooLight      Reason = "too_light"
	ReasonTooHeavy      Reason = "too_heavy"
	ReasonBeforeBirth   Reason = "before_birth"
	ReasonAfterDeath    Reason = "after_death"
)

// Invalids returns every pair this package can refuse with, so that a test can hold the texts complete.
func Invalids() []Invalid {
	reasons := []struct {
		field   Field
		reasons []Reason
	}{
		{FieldName, []Reason{ReasonUnreadable, ReasonEmpty, ReasonTooShort, ReasonTooLong, ReasonNoLetter}},
		{FieldPetName, []Reason{ReasonUnreadable, ReasonEmpty, ReasonTooLong, ReasonNoLetter}},
		{FieldPhone, []Reason{
			ReasonUnreadable, ReasonEmpty, ReasonTooShort, ReasonTooLong, ReasonNotNumber, ReasonExtension,
			ReasonWrongCountry, ReasonNoSuchNumber, ReasonTooMany,
		}},
		{FieldBirth, []Reason{
			ReasonUnreadable, ReasonEmpty, ReasonNotUnderstood, ReasonNoUnit, ReasonNoYear, ReasonImpossible,
			ReasonFuture, ReasonTooLongAgo, ReasonAfterDeath,
		}},
		{FieldCode, []Reason{
			ReasonUnreadable, ReasonEmpty, ReasonTooShort, ReasonTooLong, ReasonLookAlike, ReasonNotUnderstood,
		}},
		{FieldPets, []Reason{ReasonTooMany}},
		{FieldText, []Reason{ReasonUnreadable, ReasonEmpty, ReasonTooLong, ReasonNotUnderstood}},
		{FieldSearch, []Reason{ReasonUnreadable, ReasonEmpty, ReasonTooLong}},
		{FieldBreed, []Reason{ReasonUnreadable, ReasonEmpty, ReasonTooLong}},
		{FieldColour, []Reason{ReasonUnreadable, ReasonEmpty, ReasonTooLong}},
		{FieldMicrochip, []Reason{ReasonUnreadable, ReasonEmpty, ReasonNotNumber, ReasonTooShort, ReasonTooLong}},
		{FieldWeight, []Reason{ReasonUnreadable, ReasonEmpty, ReasonNotUnderstood, ReasonTooLight, ReasonTooHeavy}},
		{FieldAlert, []Reason{ReasonUnreadable, ReasonEmpty, ReasonTooLong}},
		{FieldNote, []Reason{ReasonUnreadable, ReasonEmpty, ReasonTooLong}},
		{FieldPhoto, []Reason{ReasonNotUnderstood}},
		{FieldDay, []Reason{
			ReasonUnreadable, ReasonEmpty, ReasonNotUnderstood, ReasonNoYear, ReasonImpossible, ReasonFuture,
			ReasonTooLongAgo, ReasonBeforeBirth,
		}},
	}
	var all []Invalid
	for _, row := range reasons {
		for _, reason := range row.reasons {
			all = append(all, Invalid{row.field, reason})
		}
	}
	return all
}
