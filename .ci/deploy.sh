#!/usr/bin/env bash
# What is for AWS and systemd, as far as it can be checked without a cloud: the logic by terraform test, the resources by
# checkov, what instances are started with by cloud-init and shellcheck, the units by systemd-analyze. Needs Terraform 1.11
# or later, Go, Python and root; installs the rest.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v terraform >/dev/null || { echo 'install Terraform 1.11 or later: no package of it is to be had from the registries' >&2; exit 1; }
.ci/install.sh cloud-init shellcheck systemd-analyze=systemd openssl mkfs.xfs=xfsprogs mkfs.ext4=e2fsprogs

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
: >"$scratch/terraformrc"
export TF_CLI_CONFIG_FILE=$scratch/terraformrc CHECKPOINT_DISABLE=1

echo 'what it costs: the sums, and that the document is what they give'
python3 .ci/test_costs.py
python3 .ci/capacity.py --docs docs --check

echo 'Terraform: form and logic'
terraform fmt -check -recursive -diff deploy/terraform
cp -R deploy/terraform/settings "$scratch/settings"
cd "$scratch/settings"
terraform init -no-color >/dev/null
terraform test -no-color

echo 'what instances are started with'
common=(-var region=eu-west-3 -var 'alarm_topic_arns=["arn:aws:sns:eu-west-3:123456789012:on-call"]' -var account_id=123456789012 -var 'allowed_cidrs=["10.20.0.0/16"]'
	-var "image=123456789012.dkr.ecr.eu-west-3.amazonaws.com/sepsis@sha256:$(printf '0%.0s' {1..64})")
full=(-var 'zones=["eu-west-3a","eu-west-3b"]' -var group=true -var instances=3
	-var 'database={host="db.example",secret_arn="arn:database",hash_key_secret_arn="arn:hash-key",key_arn="arn:key"}'
	-var tls_secret_arn=arn:aws:secretsmanager:eu-west-3:123456789012:secret:tls -var server_name=sepsis.hospital.example)
render() { # FORM VARIABLES...
	terraform apply -no-color -auto-approve -state "$scratch/$1.tfstate" "${common[@]}" "${@:2}" >/dev/null
	terraform output -no-color -state "$scratch/$1.tfstate" -raw user_data >"$scratch/$1.yaml"
}
render simple -var 'zones=["eu-west-3a"]' -var server_name=sepsis.hospital.example
render full "${full[@]}"
warmup=$(terraform output -no-color -state "$scratch/full.tfstate" -raw warmup_seconds)
cd - >/dev/null
grep --quiet "\"InstanceWarmup\": $warmup}" docs/deploy-aws.md || { echo "docs/deploy-aws.md: the warmup is $warmup seconds" >&2; exit 1; }
for form in simple full; do
	cloud-init schema --config-file "$scratch/$form.yaml"
	/usr/bin/python3 .ci/cloud_config.py "$scratch/$form.yaml" "$scratch/$form"
	shellcheck "$scratch/$form/sepsis-prepare" "$scratch/$form/bootcmd-0"
done
sed 's/^"runcmd":/"run_cmd":/' "$scratch/simple.yaml" >"$scratch/wrong.yaml"
if /usr/bin/python3 .ci/cloud_config.py "$scratch/wrong.yaml" "$scratch/wrong" 2>/dev/null; then
	echo 'a misspelt key passed' >&2
	exit 1
fi

echo 'what an instance does with its data volume: late, new, used, foreign and none'
bash .ci/prepare_volume.sh "$scratch/simple/bootcmd-0"

echo 'what an instance does before the service starts, with programs that stand in for AWS and Docker'
bash .ci/prepare_instance.sh "$scratch"

echo 'systemd units'
units=$scratch/units
mkdir -p "$units/etc/systemd/system" "$units/usr/bin" "$units/usr/local/sbin" "$units/bin"
mkdir -p "$units/lib/systemd"
cp -R /lib/systemd/system "$units/lib/systemd/system"
install -m 0755 /bin/true "$units/usr/bin/sepsis"
install -m 0755 /bin/true "$units/usr/bin/docker"
install -m 0755 /bin/true "$units/usr/local/sbin/sepsis-prepare"
install -m 0755 /bin/true "$units/bin/kill"
printf '[Service]\nExecStart=/usr/bin/docker\n' >"$units/etc/systemd/system/docker.service"
check_unit() { # FILE WORST: the exposure, in tenths, that is still allowed
	grep -q '^After=.* time-sync.target' "$1" # retention goes by the clock
	grep -q '^Wants=.* time-sync.target' "$1"
	# Without it systemd gives up after five failed starts in ten seconds, as when the database comes later.
	sed -n '/^\[Unit\]/,/^\[Service\]/p' "$1" | grep -q '^StartLimitIntervalSec=0$'
	grep -q '^Restart=always$' "$1"
	cp "$1" "$units/etc/systemd/system/sepsis.service"
	# Of the system's own units, which the copy does not hold whole, it says more than is of interest.
	systemd-analyze verify --root="$units" sepsis.service 2>&1 | { ! grep 'sepsis'; }
	systemd-analyze security --no-pager --offline=true --root="$units" --threshold="$2" sepsis.service | tail -n 1
}
check_unit deploy/systemd/sepsis.service 13
check_unit "$scratch/full/sepsis.service" 28

echo 'the operator'\''s commands, as the service'\''s user'
.ci/as_service.sh

echo 'checkov'
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check --requirement .ci/requirements-checkov.txt
"$scratch/venv/bin/checkov" --directory deploy/terraform --framework terraform --compact --quiet --skip-download
echo 'no finding'
