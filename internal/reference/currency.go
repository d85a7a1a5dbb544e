package reference

import "vetalyze/internal/money"

// Currency returns a currency of the countries by its ISO code; of two decimals, as most are, when no country has it.
func (list Countries) Currency(code string) money.Currency {
	for _, country := range list {
		if country.Currency == code {
			return money.Currency{Code: code, Exponent: country.CurrencyExponent}
		}
	}
	return money.Currency{Code: code, Exponent: 2}
}
