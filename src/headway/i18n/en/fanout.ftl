# Errors of the fan-out.
error-cluster-address = "{ $address }" is no address of a cluster.
error-cluster-address-hint = Use dask://HOST:PORT for a Dask scheduler, ray://HOST:PORT for Ray Client, or ray-gcs://HOST:PORT on a node of a Ray cluster.
error-cluster-unreachable = The cluster at { $address } does not answer ({ $why }).
error-cluster-unreachable-hint = Check that it runs and that its port can be reached; leave the address out to work on this machine.
error-cluster-code = A worker of the cluster runs other code than this machine (different: { $other }).
error-cluster-code-hint = Install the same Headway and the same numeric libraries on every worker; otherwise numbers could differ without a sign.
error-extra-missing = This needs the package "{ $module }", which is not installed.
error-extra-missing-hint = pip install "headway[{ $extra }]"
