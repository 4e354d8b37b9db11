"""What the house adds to a submission."""

from dataclasses import dataclass

from service.submissions.numbers import DEFAULT_PREFIX, Numbers


@dataclass(frozen=True, slots=True)
class Terms:
    """The prefix of the record's number, the language of the answer, and whether it is only tried."""

    number_prefix: str = DEFAULT_PREFIX
    language: str = "zh"
    is_trial: bool = False
    """Nothing will stay: a trial takes no record number, which would be lost."""

    def numbers(self, year: int) -> Numbers:
        """Where the numbers of that local year come from."""
        return Numbers(self.number_prefix, year, is_trial=self.is_trial)
