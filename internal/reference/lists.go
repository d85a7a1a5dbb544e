package reference

import (
	"context"
	"fmt"
	"strings"

	"vetalyze/db"
)

// A Country is where a clinic stands.
type Country struct {
	Code             string // ISO 3166-1 alpha-2
	CallingCode      int    // 20 for +20
	NameEN           string
	NameAR           string
	Currency         string // ISO 4217
	CurrencyExponent int    // its decimals
	TimeZone         string // IANA name, the capital's
	Retired          bool
}

// Flag returns the country's flag as an emoji: its code in regional indicator letters.
func (c Country) Flag() string {
	const regionalA = '🇦'
	return strings.Map(func(letter rune) rune { return regionalA + letter - 'A' }, c.Code)
}

// Countries is a list of countries.
type Countries []Country

// Offered returns those a clinic may be in.
func (list Countries) Offered() Countries {
	return offered(list, func(c Country) bool { return !c.Retired })
}

// ByCode returns a country by its ISO code.
func (list Countries) ByCode(code string) (Country, bool) {
	return first(list, func(c Country) bool { return c.Code == code })
}

// Find returns the country somebody means by its code or its name in either language.
func (list Countries) Find(typed string) (Country, bool) {
	wanted := fold(typed)
	return first(list.Offered(), func(c Country) bool {
		return wanted == fold(c.Code) || wanted == fold(c.NameEN) || wanted == fold(c.NameAR)
	})
}

// A Species is a kind of animal.
type Species struct {
	ID      int
	NameEN  string
	NameAR  string
	Emoji   string
	Aliases []string // other words for it, in both languages
	Retired bool
}

// SpeciesList is a list of species.
type SpeciesList []Species

// Offered returns those a new pet may be of.
func (list SpeciesList) Offered() SpeciesList {
	return offered(list, func(s Species) bool { return !s.Retired })
}

// ByID returns a species, retired ones too.
func (list SpeciesList) ByID(id int) (Species, bool) {
	return first(list, func(s Species) bool { return s.ID == id })
}

// Find returns the id of the species somebody means by a word or two in either language: "cat", "puppy", "قطه", "الكلب".
func (list SpeciesList) Find(typed string) (id int, ok bool) {
	wanted := fold(typed)
	if wanted == "" {
		return 0, false
	}
	found, ok := first(list.Offered(), func(s Species) bool {
		if wanted == fold(s.NameEN) || wanted == fold(s.NameAR) || wanted == s.Emoji {
			return true
		}
		for _, alias := range s.Aliases {
			if wanted == fold(alias) {
				return true
			}
		}
		return false
	})
	return found.ID, ok
}

// A Channel is how an owner heard of the clinic.
type Channel struct {
	ID      int
	NameEN  string
	NameAR  string
	Emoji   string
	Retired bool
}

// Channels is a list of channels.
type Channels []Channel

// Offered returns those a new owner may name.
func (list Channels) Offered() Channels {
	return offered(list, func(c Channel) bool { return !c.Retired })
}

// ByID returns a channel, retired ones too.
func (list Channels) ByID(id int) (Channel, bool) {
	return first(list, func(c Channel) bool { return c.ID == id })
}

// offered returns the entries that are.
func offered[List ~[]T, T any](list List, is func(T) bool) List {
	kept := make(List, 0, len(list))
	for _, entry := range list {
		if is(entry) {
			kept = append(kept, entry)
		}
	}
	return kept
}

// first returns the first entry that is.
func first[List ~[]T, T any](list List, is func(T) bool) (T, bool) {
	for _, entry := range list {
		if is(entry) {
			return entry, true
		}
	}
	var none T
	return none, false
}

func (r *Reference) countries(ctx context.Context) (Countries, error) {
	rows, err := r.query.CountryList(ctx, r.db.Platform())
	return convert(rows, err, "countries", func(row db.Country) Country {
		return Country{
			Code: row.CountryCode, CallingCode: int(row.CallingCode), NameEN: row.NameEn, NameAR: row.NameAr,
			Currency: row.Currency, CurrencyExponent: int(row.CurrencyExponent), TimeZone: row.TimeZone,
			Retired: row.RetiredAt != nil,
		}
	})
}

func (r *Reference) species(ctx context.Context) (SpeciesList, error) {
	rows, err := r.query.SpeciesList(ctx, r.db.Platform())
	return convert(rows, err, "species", func(row db.Species) Species {
		return Species{
			ID: int(row.SpeciesID), NameEN: row.NameEn, NameAR: row.NameAr, Emoji: row.Emoji, Aliases: row.Aliases,
			Retired: row.RetiredAt != nil,
		}
	})
}

func (r *Reference) channels(ctx context.Context) (Channels, error) {
	rows, err := r.query.ChannelList(ctx, r.db.Platform())
	return convert(rows, err, "channels", func(row db.Channel) Channel {
		return Channel{
			ID: int(row.ChannelID), NameEN: row.NameEn, NameAR: row.NameAr, Emoji: row.Emoji, Retired: row.RetiredAt != nil,
		}
	})
}

// convert turns rows into a list, or their error into one that says what was read.
func convert[Row, T any](rows []Row, err error, what string, as func(Row) T) ([]T, error) {
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", what, err)
	}
	list := make([]T, len(rows))
	for i, row := range rows {
		list[i] = as(row)
	}
	return list, nil
}
