//! CPU lists in the kernel's notation: `"0-3,5"`.

use super::Refusal;

/// One past the highest CPU number accepted: what `cpu_set_t` holds.
const MAX_CPUS: usize = 1024;

/// Parses a CPU list into ascending numbers without repetition.
pub fn parse_cpu_list(text: &str) -> Result<Vec<usize>, Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::new("it is empty").help("write for example \"0\" or \"0-3,5\""));
    }
    let mut cpus = Vec::new();
    for item in text.split(',') {
        let item = item.trim();
        let (first, last) = match item.split_once('-') {
            Some((first, last)) => (cpu(first)?, cpu(last)?),
            None => (cpu(item)?, cpu(item)?),
        };
        if first > last {
            return Err(Refusal::new(format!("the range {item} runs backwards"))
                .help(format!("did you mean \"{last}-{first}\"?")));
        }
        cpus.extend(first..=last);
    }
    cpus.sort_unstable();
    cpus.dedup();
    Ok(cpus)
}

fn cpu(text: &str) -> Result<usize, Refusal> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refusal::new(format!("\"{text}\" is not a CPU number"))
            .help("CPU lists are numbers and ranges, for example \"0\" or \"0-3,5\""));
    }
    match text.parse() {
        Ok(cpu) if cpu < MAX_CPUS => Ok(cpu),
        _ => Err(Refusal::new(format!(
            "there is no CPU {text}: the highest number is {}",
            MAX_CPUS - 1
        ))),
    }
}

/// A CPU list in the kernel's notation: `[0, 1, 2, 5]` is `0-2,5`.
pub fn cpu_list_text(cpus: &[usize]) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for &cpu in cpus {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(cpu) => *last = cpu,
            _ => ranges.push((cpu, cpu)),
        }
    }
    let texts: Vec<String> = ranges
        .into_iter()
        .map(
            |(first, last)| {
                if first == last { first.to_string() } else { format!("{first}-{last}") }
            },
        )
        .collect();
    texts.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_parse_and_print() {
        for (text, cpus, printed) in [
            ("0", vec![0], "0"),
            ("0-3,5", vec![0, 1, 2, 3, 5], "0-3,5"),
            ("5, 1-2,1", vec![1, 2, 5], "1-2,5"),
            ("1023", vec![1023], "1023"),
        ] {
            assert_eq!(parse_cpu_list(text).as_deref(), Ok(&cpus[..]));
            assert_eq!(cpu_list_text(&cpus), printed);
        }
    }

    #[test]
    fn broken_lists_are_refused() {
        for text in
            ["", " ", "a", "1-", "-1", "3-1", "1,,2", "1024", "0-99999999999999999999", "1-2-3"]
        {
            assert!(parse_cpu_list(text).is_err(), "{text}");
        }
    }
}
